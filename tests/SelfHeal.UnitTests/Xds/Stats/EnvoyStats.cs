using Envoy.Config.Core.V3;
using Envoy.Service.Metrics.V3;
using Google.Protobuf;
using Io.Prometheus.Client;

namespace SelfHeal.UnitTests.Xds.Stats;

/// <summary>A double of Envoy's stats sink: absolute counters in a fixed order, one family per stat.</summary>
internal sealed class EnvoyStats(string node)
{
    private readonly List<string> _order = [];
    private readonly Dictionary<string, (double Value, bool IsGauge)> _values = [];

    public string Node { get; } = node;

    public void Count(string name, double by) => Set(name, Value(name) + by, isGauge: false);

    public void Gauge(string name, double value) => Set(name, value, isGauge: true);

    public double Value(string name) => _values.TryGetValue(name, out var held) ? held.Value : 0;

    public void RestartCounters()
    {
        _order.Clear();
        _values.Clear();
    }

    /// <summary>The counters of one cluster after some more requests; a counter never touched is not sent.</summary>
    public void Serve(string cluster, int completed, int failed)
    {
        Gauge($"cluster.{cluster}.membership_total", 3);
        Count($"cluster.{cluster}.upstream_rq_total", completed);
        Count($"cluster.{cluster}.upstream_rq_completed", completed);
        Count($"cluster.{cluster}.external.upstream_rq_completed", completed);
        if (failed > 0)
        {
            Count($"cluster.{cluster}.upstream_rq_5xx", failed);
            Count($"cluster.{cluster}.external.upstream_rq_5xx", failed);
        }
    }

    public StreamMetricsMessage Message(bool identify, long millis, int from = 0, int count = int.MaxValue)
    {
        var message = new StreamMetricsMessage();
        if (identify)
        {
            message.Identifier = new StreamMetricsMessage.Types.Identifier
            {
                Node = new Node { Id = Node, Cluster = "gateway" },
            };
        }

        foreach (var name in _order.Skip(from).Take(count))
            message.EnvoyMetrics.Add(Family(name, _values[name].Value, _values[name].IsGauge, millis));
        return message;
    }

    public byte[] Flush(bool identify, long millis) => Message(identify, millis).ToByteArray();

    public static MetricFamily Family(string name, double value, bool isGauge, long millis)
    {
        var metric = new Metric { TimestampMs = millis };
        if (isGauge)
            metric.Gauge = new Gauge { Value = value };
        else
            metric.Counter = new Counter { Value = value };
        var family = new MetricFamily { Name = name, Type = isGauge ? MetricType.Gauge : MetricType.Counter };
        family.Metric.Add(metric);
        return family;
    }

    public static MetricFamily Histogram(string name, long millis, bool isSummary)
    {
        var metric = new Metric { TimestampMs = millis };
        if (isSummary)
        {
            metric.Summary = new Summary { SampleCount = 10, SampleSum = 5 };
            metric.Summary.Quantile.Add(new Quantile { Quantile_ = 0.5, Value = double.NaN });
        }
        else
        {
            metric.Histogram = new Histogram { SampleCount = 10, SampleSum = 5 };
            for (var bound = 0; bound < 19; bound++)
                metric.Histogram.Bucket.Add(new Bucket { CumulativeCount = 1, UpperBound = bound });
        }

        var family = new MetricFamily { Name = name, Type = isSummary ? MetricType.Summary : MetricType.Histogram };
        family.Metric.Add(metric);
        return family;
    }

    private void Set(string name, double value, bool isGauge)
    {
        if (!_values.ContainsKey(name))
            _order.Add(name);
        _values[name] = (value, isGauge);
    }
}
