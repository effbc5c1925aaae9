using System.Buffers;
using System.Text;
using Envoy.Service.Metrics.V3;
using Google.Protobuf.Collections;
using Io.Prometheus.Client;
using SelfHeal.Core.Series;
using SelfHeal.Core.Time;

namespace SelfHeal.Benchmarks.Subjects;

/// <summary>The yardstick: the same work as <see cref="StatsPath"/> with Google.Protobuf's generated messages and a
/// dictionary of names, as one writes it first.</summary>
internal sealed class GeneratedPath
{
    private readonly TelemetryFold _fold = new(new TelemetryOptions());
    private readonly FlushBatchPool _pool = new();
    private readonly SeriesCatalog _catalog = new();
    private readonly Dictionary<string, int> _indexes = new(StringComparer.Ordinal);
    private ControlTime _now = new(1_000_000_000_000, DateTimeOffset.UnixEpoch);
    private long _sequence;

    public long Blocks => _fold.ClosedSequence + 1;

    /// <summary>Decodes alone; what comes back depends on every value, so nothing can be left out.</summary>
    public static double Decode(in ReadOnlySequence<byte> bytes)
    {
        var sum = 0.0;
        foreach (var family in StreamMetricsMessage.Parser.ParseFrom(bytes).EnvoyMetrics)
        {
            foreach (var metric in family.Metric)
                sum += ValueOf(metric);
        }

        return sum;
    }

    /// <summary>From bytes to updated windows.</summary>
    public void Run(in ReadOnlySequence<byte> bytes)
    {
        var message = StreamMetricsMessage.Parser.ParseFrom(bytes);
        if (message.Identifier is { Node: { } node })
            _fold.OnStreamOpened(1, node.Id, node.Cluster, _now);
        var batch = _pool.Rent();
        var millis = 0L;
        foreach (var family in message.EnvoyMetrics)
        {
            foreach (var metric in family.Metric)
            {
                millis = metric.TimestampMs;
                var index = IndexOf(family, metric);
                if (index < 0)
                    batch.Skip();
                else
                    batch.Add(index, (long)ValueOf(metric));
            }
        }

        batch.Seal(1, _sequence++, 0, millis, _now, _catalog);
        _fold.OnBatch(batch, _now);
        _pool.Return(batch);
        _now = _now.Plus(TimeSpan.FromMilliseconds(100));
        _fold.OnTick(_now);
        _now = _now.Plus(TimeSpan.FromMilliseconds(4_900));
    }

    private static double ValueOf(Metric metric) =>
        metric.Counter?.Value ?? metric.Gauge?.Value ?? metric.Summary?.SampleSum ?? metric.Histogram?.SampleSum ?? 0;

    private static string KeyOf(string name, RepeatedField<LabelPair> labels) =>
        labels.Count == 0 ? name : name + string.Concat(labels.Select(static l => $"\0{l.Name}\0{l.Value}"));

    private int IndexOf(MetricFamily family, Metric metric)
    {
        // Histograms and summaries share a name and are not read here.
        if (metric.Counter is null && metric.Gauge is null)
            return -1;
        var key = KeyOf(family.Name, metric.Label);
        if (_indexes.TryGetValue(key, out var index))
            return index;
        var bytes = Encoding.UTF8.GetBytes(family.Name);
        index = -1;
        if (StatName.TryParse(bytes, out var name) && StatCatalog.IsGauge(name.Stat) == metric.Gauge is not null)
        {
            var scope = Encoding.UTF8.GetString(bytes, name.NameStart, name.NameLength);
            index = _catalog.Append(
                new SeriesEntry(key, new SeriesKey(name.Scope, scope, name.Stat), name.Ambiguous));
        }

        _indexes.Add(key, index);
        return index;
    }
}
