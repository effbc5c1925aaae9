using SelfHeal.Core.Detection;
using SelfHeal.Core.Series;
using SelfHeal.Core.Topology;
using SelfHeal.UnitTests.Series;

namespace SelfHeal.UnitTests.Detection;

/// <summary>What a detector learns, hour by hour, and what it does with it.</summary>
[TestFixture]
public sealed class BaselineTests
{
    private const int HourBlocks = 720;

    private static readonly GatewayTopology Topology = new(
        [
            new TrafficSplit("pay", "routes", "pay", "#0",
                [new VersionShare("v1", "pay-v1", 90), new VersionShare("v2", "pay-v2", 10)]),
        ],
        ["pay-v1", "pay-v2"]);

    [Test]
    public void Look_BeforeTheFirstHourEnds_ComparesWithTheDeclaredDefault()
    {
        var service = new Service();
        service.Run(100, 1_000, 20);
        var look = service.Look(SignalPair.Errors);
        Assert.That(look.BaselineSource, Is.EqualTo(BaselineSource.DeclaredDefault));
        Assert.That(look.BaselinePpb, Is.EqualTo(1_000_000));
    }

    [Test]
    public void Look_AfterAnHour_ComparesWithWhatTheHourTaught()
    {
        var service = new Service();
        service.Run(2 * HourBlocks, 1_000, 2);
        var look = service.Look(SignalPair.Errors);
        Assert.That(look.BaselineSource, Is.EqualTo(BaselineSource.History));
        Assert.That(look.BaselinePpb, Is.EqualTo(2_000_000).Within(20_000));
        Assert.That(look.Verdict, Is.Not.EqualTo(Verdict.Breach));
    }

    [Test]
    public void Look_PairWithoutDeclaredDefault_IsNoEvidenceUntilThereIsHistory()
    {
        var service = new Service();
        service.Run(100, 1_000, 0, denied: 300);
        Assert.That(service.Look(SignalPair.Unauthorized).Verdict, Is.EqualTo(Verdict.NoEvidence));
        service.Run(HourBlocks, 1_000, 0, denied: 300);
        Assert.That(service.Look(SignalPair.Unauthorized).Verdict, Is.Not.EqualTo(Verdict.Breach), "a third is normal");
        service.Run(12, 1_000, 0, denied: 990);
        Assert.That(service.Look(SignalPair.Unauthorized).Verdict, Is.Not.EqualTo(Verdict.Breach),
            "a rise below threefold is no effect");
    }

    [Test]
    public void Freeze_DuringAnIncident_KeepsItOutOfTheBaseline()
    {
        var service = new Service();
        service.Run(HourBlocks, 1_000, 0);
        for (var flush = 0; flush < HourBlocks; flush++)
        {
            service.Run(1, 1_000, 300);
            service.Detector.Freeze([service.Fold.FindCluster("pay-v1")]);
        }

        service.Run(HourBlocks + 30, 1_000, 0);
        Assert.That(service.Look(SignalPair.Errors).BaselinePpb, Is.LessThan(1_000_000));
    }

    [Test]
    public void Collapse_TrafficGone_IsABreach()
    {
        var service = WithHistory(shape: 32);
        service.Run(12, 1_000, 1);
        Assert.That(service.Breaches(SignalPair.Collapse), Is.Zero);
        service.Run(12, 5, 0);
        Assert.That(service.Breaches(SignalPair.Collapse), Is.Positive);
        var look = service.Look(SignalPair.Collapse);
        Assert.That(look.Verdict, Is.EqualTo(Verdict.Breach));
        Assert.That(look.EffectHolds, Is.True);
    }

    [Test]
    public void Collapse_TrafficKnownToBeBursty_StaysNoEvidence()
    {
        // With k = 1 even total silence is worth 1.7 nats: such traffic falls silent by itself.
        var service = WithHistory(shape: 1);
        service.Run(12, 1_000, 1);
        service.Run(12, 5, 0);
        Assert.That(service.Breaches(SignalPair.Collapse), Is.Zero);
        Assert.That(service.Look(SignalPair.Collapse).Verdict, Is.EqualTo(Verdict.NoEvidence));
    }

    [Test]
    public void Collapse_TrafficShiftedBetweenVersions_IsNoCollapse()
    {
        var service = WithHistory(shape: 32);
        service.Run(30, 900, 0, canary: 100);
        service.Run(30, 0, 0, canary: 1_000);
        Assert.That(service.Breaches(SignalPair.Collapse), Is.Zero);
    }

    [Test]
    public void ClosedHour_ReadBackByANewProcess_GivesTheSameBaseline()
    {
        var first = new Service();
        BaselineHour? closed = null;
        for (var hour = 0; hour < 3; hour++)
        {
            first.Run(HourBlocks, 1_000, 5);
            if (first.Detector.TryTakeClosedHour(out var taken))
                closed = taken;
        }

        Assert.That(closed, Is.Not.Null);
        Assert.That(first.Detector.TryTakeClosedHour(out _), Is.False, "an hour is handed out once");
        var row = closed!.Rows.Single(r => r is { Name: "pay-v1", Pair: "errors" });
        Assert.That(row.AllEvents / row.AllTotal, Is.EqualTo(0.005).Within(1e-6));

        var second = new Service();
        second.Run(3, 1_000, 0);
        Assert.That(second.Detector.TryTakeWantedHour(out var wanted), Is.True);
        second.Detector.OnBaselines(second.Fold, closed with { Hour = wanted });
        second.Run(1, 1_000, 5);
        var look = second.Look(SignalPair.Errors);
        Assert.That(look.BaselineSource, Is.EqualTo(BaselineSource.History));
        Assert.That(look.BaselinePpb, Is.EqualTo(5_000_000).Within(50_000));
        Assert.That(look.BaselineTotal, Is.Positive);
    }

    [Test]
    public void OnBaselines_SeriesNotSeenYet_WaitForIt()
    {
        var service = new Service();
        service.Flush(0, 0, 0, 0);
        Assert.That(service.Detector.TryTakeWantedHour(out var wanted), Is.True);
        service.Detector.OnBaselines(service.Fold, new BaselineHour(wanted,
            [new BaselineRow(StatScope.Cluster, "pay-v1", "errors", 20, 1_000, 200, 10_000, [])]));
        service.Run(1, 1_000, 0);
        Assert.That(service.Look(SignalPair.Errors).BaselinePpb, Is.EqualTo(19_137_000).Within(1_500_000));
    }

    [Test]
    public void OnBaselines_HourThatIsOver_IsDropped()
    {
        var service = new Service();
        service.Run(1, 1_000, 0);
        service.Detector.TryTakeWantedHour(out var wanted);
        service.Detector.OnBaselines(service.Fold, new BaselineHour((wanted + 50) % 168,
            [new BaselineRow(StatScope.Cluster, "pay-v1", "errors", 900, 1_000, 900, 1_000, [])]));
        Assert.That(service.Look(SignalPair.Errors).BaselineSource, Is.EqualTo(BaselineSource.DeclaredDefault));
    }

    /// <summary>Weeks of 200 completions a second, 180 of them at the first version.</summary>
    private static Service WithHistory(double shape)
    {
        const double Hour = 3_600_000;
        var service = new Service();
        service.Flush(0, 0, 0, 0);
        Assert.That(service.Detector.TryTakeWantedHour(out var wanted), Is.True);
        double[] shapes = [.. Enumerable.Repeat(shape, 9)];
        service.Detector.OnBaselines(service.Fold, new BaselineHour(
            wanted,
            [
                new BaselineRow(
                    StatScope.Cluster, "pay-v1", "collapse", 0.18 * Hour, Hour, 18 * Hour, 100 * Hour, [.. shapes]),
                new BaselineRow(
                    StatScope.Cluster, "pay-v2", "collapse", 0.02 * Hour, Hour, 2 * Hour, 100 * Hour, [.. shapes]),
            ]));
        return service;
    }

    /// <summary>Two versions behind one route; a flush every 5 s.</summary>
    private sealed class Service
    {
        private readonly FoldScenario _scenario = new();
        private readonly Dictionary<string, long> _values = [];
        private readonly Dictionary<SignalPair, int> _breaches = [];

        public Service()
        {
            _scenario.Open(1, "envoy");
            Flush(0, 0, 0, 0);
        }

        public Detector Detector { get; } = new(new DetectionOptions());

        public TelemetryFold Fold => _scenario.Fold;

        public void Run(int flushes, int requests, int failures, int denied = 0, int canary = 0)
        {
            for (var i = 0; i < flushes; i++)
                Flush(requests, failures, denied, canary);
        }

        public void Flush(int requests, int failures, int denied, int canary)
        {
            _scenario.Pass(4.9);
            var samples = new List<(string, long)>();
            Add("cluster.pay-v1.upstream_rq_completed", requests);
            Add("cluster.pay-v1.upstream_rq_5xx", failures);
            Add("cluster.pay-v1.upstream_rq_403", denied);
            Add("cluster.pay-v2.upstream_rq_completed", canary);
            _scenario.Flush(1, [.. samples]);
            Detector.OnBlocks(Fold, Topology);
            foreach (var finding in Detector.Findings)
            {
                if (finding.Verdict == Verdict.Breach)
                    _breaches[finding.Pair] = _breaches.GetValueOrDefault(finding.Pair) + 1;
            }

            void Add(string name, long delta)
            {
                _values[name] = _values.GetValueOrDefault(name) + delta;
                samples.Add((name, _values[name]));
            }
        }

        public int Breaches(SignalPair pair) => _breaches.GetValueOrDefault(pair);

        public LookResult Look(SignalPair pair) =>
            Detector.Look(Fold, Fold.FindCluster("pay-v1"), pair, LookKind.OwnWindow, 12);
    }
}
