using System.Collections.Immutable;
using System.Globalization;
using SelfHeal.Core.Detection;
using SelfHeal.Core.Series;
using SelfHeal.Core.Time;
using SelfHeal.Core.Topology;

namespace SelfHeal.Benchmarks.Subjects;

/// <summary>The detector over a fold that is fed with batches: as many clusters, two to a service, as give the series.
/// </summary>
internal sealed class DetectorSubject : IScoringSubject
{
    private const int RequestsPerBlock = 1_000;

    /// <summary>An event in every other block of a series that has events.</summary>
    private const int EventEvery = 2;

    /// <summary>Events a block of a series whose CUSUM runs: five times the baseline of one in a thousand.</summary>
    private const int RunningEvents = 5;

    /// <summary>The pairs of clusters that are counted by counters; every cluster has all of them.</summary>
    private static readonly SignalPair[] Pairs =
        [.. SignalPair.Table.Where(static p => p.Scope == StatScope.Cluster && p.Edge == LatencyEdge.None)];

    private static readonly Stat[] Events =
        [.. Pairs.Where(static p => !p.Falls).SelectMany(static p => p.Events).Distinct()];

    private static readonly Stat[] Totals = [.. Pairs.SelectMany(static p => p.Total).Distinct().Except(Events)];

    private readonly TelemetryFold _fold;
    private readonly Detector _detector = new(new DetectionOptions());
    private readonly FlushBatch _batch = new();
    private readonly SeriesCatalog _catalog = new();
    private readonly GatewayTopology _topology;
    private readonly long[] _values;
    private readonly byte[] _kinds;
    private readonly int _clusters;
    private ControlTime _now = new(1_000_000_000_000, DateTimeOffset.UnixEpoch);
    private long _sequence;

    /// <param name="series">Series at least.</param>
    /// <param name="withEventsPerMille">Clusters of a thousand that have events in the window.</param>
    /// <param name="runningPerMille">Those of them that have a running CUSUM.</param>
    public DetectorSubject(int series, int withEventsPerMille, int runningPerMille)
    {
        _clusters = 2 * ((series / Pairs.Length / 2) + 1);
        _fold = new TelemetryFold(new TelemetryOptions
        {
            ScopeLimit = _clusters + 1,
            FlushSampleLimit = 2 * _clusters * (Events.Length + Totals.Length),
        });
        _topology = Split(_clusters);
        _kinds = new byte[_clusters];
        for (var cluster = 0; cluster < _clusters; cluster++)
        {
            var place = cluster % 1_000;
            _kinds[cluster] = (byte)(place < runningPerMille ? 2 : place < withEventsPerMille ? 1 : 0);
            foreach (var stat in Totals.Concat(Events))
            {
                var name = NameOf(cluster);
                _catalog.Append(new SeriesEntry(
                    $"{name}.{stat}", new SeriesKey(StatScope.Cluster, name, stat), Ambiguous: false));
            }
        }

        _values = new long[_catalog.Count];
        _fold.OnStreamOpened(1, "envoy-1", "gateway", _now);

        // The first flush is the baseline of counters; the longest window is full after twelve more, and every series
        // has been learned from twice after thirty-six.
        for (var block = 0; block < 50; block++)
        {
            Feed();
            Evaluate();
        }
    }

    public int Series => _detector.SeriesCount;

    public long Findings { get; private set; }

    public void Feed()
    {
        _batch.Clear();
        var index = 0;
        for (var cluster = 0; cluster < _clusters; cluster++)
        {
            for (var total = 0; total < Totals.Length; total++, index++)
                _batch.Add(index, _values[index] += RequestsPerBlock);
            var events = _kinds[cluster] switch
            {
                2 => RunningEvents,
                1 => (cluster + _sequence) % EventEvery == 0 ? 1 : 0,
                _ => 0,
            };
            for (var pair = 0; pair < Events.Length; pair++, index++)
                _batch.Add(index, _values[index] += events);
        }

        _batch.Seal(1, _sequence, 0, 1_700_000_000_000 + (_sequence * 5_000), _now, _catalog);
        _sequence++;
        _fold.OnBatch(_batch, _now);
        _now = _now.Plus(TimeSpan.FromMilliseconds(100));
        _fold.OnTick(_now);
        _now = _now.Plus(TimeSpan.FromMilliseconds(4_900));
    }

    public void Evaluate()
    {
        // A block is closed by every flush but the first.
        if (!_detector.OnBlocks(_fold, _topology) && _sequence > 1)
            throw new InvalidOperationException("there was no block to evaluate");
        Findings += _detector.Findings.Length;
    }

    private static string NameOf(int cluster) => string.Create(CultureInfo.InvariantCulture, $"service-{cluster:D5}");

    /// <summary>Each two clusters are versions of one service, so that the looks at siblings are among all looks.
    /// </summary>
    private static GatewayTopology Split(int clusters)
    {
        var splits = ImmutableArray.CreateBuilder<TrafficSplit>();
        for (var cluster = 0; cluster < clusters; cluster += 2)
        {
            splits.Add(new TrafficSplit(
                NameOf(cluster), "routes", "gateway", NameOf(cluster),
                [
                    new VersionShare("v1", NameOf(cluster), 50), new VersionShare("v2", NameOf(cluster + 1), 50),
                ]));
        }

        return new GatewayTopology(splits.ToImmutable(), [.. Enumerable.Range(0, clusters).Select(NameOf)]);
    }
}
