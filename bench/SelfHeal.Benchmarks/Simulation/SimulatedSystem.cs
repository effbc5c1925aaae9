using System.Collections.Immutable;
using System.Globalization;
using SelfHeal.Core.Detection;
using SelfHeal.Core.Series;
using SelfHeal.Core.Time;
using SelfHeal.Core.Topology;

namespace SelfHeal.Benchmarks.Simulation;

/// <summary>
/// Services of two versions (90 and 10 percent of the requests) behind the real fold and detector, a flush every five
/// seconds. It begins a minute before a week does, so that the first whole week is the first week.
/// </summary>
internal sealed class SimulatedSystem
{
    public const double BlockSeconds = 5;
    private const double CanaryShare = 0.1;
    private const int SamplesOfService = 4;
    private static readonly DateTimeOffset Start = new(2026, 1, 4, 23, 59, 0, TimeSpan.Zero);

    private readonly Chance _chance;
    private readonly Service[] _services;
    private readonly TelemetryFold _fold;
    private readonly SeriesCatalog _catalog = new();
    private readonly FlushBatch _batch = new();
    private readonly GatewayTopology _topology;
    private readonly long[] _values;
    private ControlTime _now = new(1_000_000_000_000, Start);
    private long _sequence;

    public SimulatedSystem(SystemOptions options)
    {
        _chance = new Chance(options.Seed);
        _services = [.. Enumerable.Range(0, options.Services).Select(_ => new Service(options, _chance))];
        _fold = new TelemetryFold(new TelemetryOptions());
        Detector = new Detector(new DetectionOptions { Series = options.Series, BaselineRatio = options.Ratio });
        _values = new long[options.Services * SamplesOfService];
        var splits = ImmutableArray.CreateBuilder<TrafficSplit>();
        for (var service = 0; service < options.Services; service++)
        {
            var (stable, canary) = (NameOf(service, "v1"), NameOf(service, "v2"));
            foreach (var cluster in (string[])[stable, canary])
            {
                foreach (var stat in (Stat[])[Stat.UpstreamRqCompleted, Stat.UpstreamRq5xx])
                {
                    var key = new SeriesKey(StatScope.Cluster, cluster, stat);
                    _catalog.Append(new SeriesEntry($"{cluster}.{stat}", key, Ambiguous: false));
                }
            }

            splits.Add(new TrafficSplit(stable, "routes", "host", $"#{service}",
                [new VersionShare("v1", stable, 90), new VersionShare("v2", canary, 10)]));
        }

        _topology = new GatewayTopology(splits.ToImmutable(), []);
        _fold.OnStreamOpened(1, "envoy", "gateway", _now);
        Flush();
    }

    public Detector Detector { get; }

    public TelemetryFold Fold => _fold;

    /// <summary>The service of a cluster of the fold.</summary>
    public static int ServiceOf(string cluster) => int.Parse(
        cluster.AsSpan(0, cluster.IndexOf('-', StringComparison.Ordinal)), CultureInfo.InvariantCulture);

    public int CanaryOf(int service) => _fold.FindCluster(NameOf(service, "v2"));

    public int StableOf(int service) => _fold.FindCluster(NameOf(service, "v1"));

    /// <summary>One block.</summary>
    /// <param name="faults">By service; null where nothing is wrong. Times are seconds after the block's start.</param>
    public void Step(Fault?[]? faults = null)
    {
        for (var service = 0; service < _services.Length; service++)
            _services[service].Serve(_values.AsSpan(service * SamplesOfService, SamplesOfService), faults?[service]);
        Flush();
        Detector.OnBlocks(_fold, _topology);
        while (Detector.TryTakeWantedHour(out _))
        {
        }

        Detector.TryTakeClosedHour(out _);
        if (faults is not null)
            Detector.Freeze(_fold.Clusters.ToArray());
    }

    private static string NameOf(int service, string version) =>
        string.Create(CultureInfo.InvariantCulture, $"{service:D4}-{version}");

    private void Flush()
    {
        _now = _now.Plus(TimeSpan.FromSeconds(BlockSeconds));
        _batch.Clear();
        for (var i = 0; i < _values.Length; i++)
            _batch.Add(i, _values[i]);
        _batch.Seal(1, _sequence, 0, 1 + _sequence, _now, _catalog);
        _sequence++;
        _fold.OnBatch(_batch, _now);
        _fold.OnTick(_now.Plus(TimeSpan.FromMilliseconds(100)));
    }

    private sealed class Service(SystemOptions options, Chance chance)
    {
        private readonly Luck _shared = new(options.Shape, options.MemoryMinutes * 60, chance);
        private readonly Luck _stable = new(options.OwnShape, options.MemoryMinutes * 60, chance);
        private readonly Luck _canary = new(options.OwnShape, options.MemoryMinutes * 60, chance);

        public void Serve(Span<long> values, Fault? fault)
        {
            var shared = options.Ratio * _shared.Next(BlockSeconds);
            Serve(values[..2], 1 - CanaryShare, shared * _stable.Next(BlockSeconds), fault, fault?.StableRatio);
            Serve(values[2..], CanaryShare, shared * _canary.Next(BlockSeconds), fault, fault?.CanaryRatio);
        }

        private void Serve(Span<long> values, double share, double ratio, Fault? fault, double? faulty)
        {
            var inFault = fault is null
                ? 0
                : Math.Max(0, Math.Min(BlockSeconds, fault.End) - Math.Max(0, fault.Start));
            Requests(values, share * (BlockSeconds - inFault), ratio);
            if (inFault > 0)
                Requests(values, share * inFault, faulty is > 0 and var bad ? bad : ratio);
        }

        private void Requests(Span<long> values, double weight, double ratio)
        {
            var requests = chance.Poisson(options.Rate * weight);
            if (requests == 0)
                return;
            values[0] += requests;
            values[1] += Math.Min(requests, chance.Poisson(requests * Math.Min(1, ratio)));
        }
    }
}
