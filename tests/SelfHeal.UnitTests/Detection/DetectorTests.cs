using System.Collections.Immutable;
using SelfHeal.Core.Detection;
using SelfHeal.Core.Series;
using SelfHeal.Core.Time;
using SelfHeal.Core.Topology;
using SelfHeal.UnitTests.Series;

namespace SelfHeal.UnitTests.Detection;

[TestFixture]
public sealed class DetectorTests
{
    private static readonly GatewayTopology Topology = new(
        [
            new TrafficSplit("pay", "routes", "pay", "#0",
                [new VersionShare("v1", "pay-v1", 90), new VersionShare("v2", "pay-v2", 10)]),
        ],
        ["pay-v1", "pay-v2"]);

    private static readonly ImmutableArray<string> Versions = ["pay-v1", "pay-v2"];

    [Test]
    public void OnBlocks_CanaryFailsThirtyPercent_BreachesTheContrastWithinTwoFlushes()
    {
        for (var seed = 1UL; seed <= 50; seed++)
        {
            var world = new World(seed, Topology);
            world.Run(24, 0.002, 0.002);
            Assert.That(world.Breaches, Is.Zero, $"seed {seed}");
            var onset = world.Now;
            world.Run(2, 0.002, 0.3);
            var breach = world.Find(Verdict.Breach, LookKind.Contrast);
            Assert.That(breach, Is.Not.Null, $"seed {seed}");
            Assert.That(breach!.Value.Scope, Is.EqualTo("pay-v2"));
            Assert.That(breach.Value.Pair, Is.EqualTo(SignalPair.Errors));
            Assert.That(breach.Value.ContrastMilliDecibans, Is.EqualTo(12_000));
            Assert.That(breach.Value.HasOnset, Is.True);
            var late = breach.Value.Onset.Since(onset);
            Assert.That(late, Is.InRange(TimeSpan.FromSeconds(-60), TimeSpan.FromSeconds(5)));
            var persistence = world.Detector.Persistence(breach.Value.ScopeId, SignalPair.Errors, LookKind.Contrast);
            Assert.That(persistence.Flushes, Is.GreaterThanOrEqualTo(2), $"seed {seed}");
            Assert.That(persistence.HoldsInNewest, Is.True);
        }
    }

    [Test]
    public void OnBlocks_EverybodyFails_BlamesNoVersion()
    {
        for (var seed = 1UL; seed <= 50; seed++)
        {
            var world = new World(seed, Topology);
            world.Run(24, 0.002, 0.002);
            world.Run(12, 0.3, 0.3);
            Assert.That(world.Find(Verdict.Breach, LookKind.Contrast), Is.Null, $"seed {seed}");
        }
    }

    [Test]
    public void OnBlocks_SteadyTrafficForDays_NeverBreaches()
    {
        var world = new World(7, Topology);
        world.Run(3 * 17_280, 0.001, 0.001);
        Assert.That(world.Breaches, Is.Zero);
        Assert.That(world.Suspects, Is.Zero);
    }

    [Test]
    public void OnBlocks_BurstyTrafficForDays_NeverBreaches()
    {
        // Every minute draws its luck from a gamma distribution of shape 1, which is what the declared k allows for.
        var world = new World(13, Topology);
        var random = new SeededRandomSource(17);
        for (var minute = 0; minute < 5 * 1_440; minute++)
        {
            var luck = -Math.Log((random.NextInt32(1_000_000) + 1) / 1_000_001.0);
            world.Run(12, 0.001 * luck, 0.001 * luck);
        }

        Assert.That(world.Breaches, Is.Zero);
    }

    [Test]
    public void OnBlocks_BurstsShared_NeverBreachTheContrast()
    {
        // Every few minutes all versions fail for a while: their own looks may speak, the contrast must not.
        var world = new World(11, Topology);
        for (var burst = 0; burst < 300; burst++)
        {
            world.Run(40, 0.001, 0.001);
            world.Run(6, 0.02, 0.02);
            Assert.That(world.ContrastBreaches, Is.Zero, $"burst {burst}");
        }
    }

    [Test]
    public void Look_QuietCluster_IsClearOnceEnoughWasMeasured()
    {
        var world = new World(3, Topology);
        world.Run(1, 0, 0);
        var id = world.Fold.FindCluster("pay-v1");
        Assert.That(world.Look(id, LookKind.OwnWindow, 1).Verdict, Is.EqualTo(Verdict.NoEvidence));
        world.Run(12, 0, 0);
        var look = world.Look(id, LookKind.OwnWindow, 12);
        Assert.That(look.Verdict, Is.EqualTo(Verdict.Clear));
        Assert.That(look.KnownBlocks, Is.EqualTo(12));
        Assert.That(look.BaselineSource, Is.EqualTo(BaselineSource.DeclaredDefault));
    }

    [Test]
    public void Look_StreamWentSilent_IsNoEvidence()
    {
        var world = new World(3, Topology);
        world.Run(12, 0, 0.3);
        var id = world.Fold.FindCluster("pay-v2");
        Assert.That(world.Look(id, LookKind.Contrast, 12).Verdict, Is.EqualTo(Verdict.Breach));
        world.Silence(8);
        Assert.That(world.Detector.Findings.Length, Is.Zero);
        Assert.That(world.Look(id, LookKind.Contrast, 12).Verdict, Is.EqualTo(Verdict.NoEvidence));
        var persistence = world.Detector.Persistence(id, SignalPair.Errors, LookKind.Contrast);
        Assert.That(persistence.Flushes, Is.Positive, "an unknown block leaves the state as it was");
    }

    [Test]
    public void OnBlocks_SlowRise_IsSeenByTheSlowLook()
    {
        var options = new DetectionOptions { SlowBlock = TimeSpan.FromMinutes(1), Shape = 8 };
        var world = new World(5, Topology, options);
        world.Run(120, 0.001, 0.001);
        world.Run(12 * 30, 0.006, 0.006);
        var id = world.Fold.FindCluster("pay-v1");
        var look = world.Look(id, LookKind.Slow, 12);
        Assert.That(look.Statistic, Is.GreaterThan(look.Threshold));
        Assert.That(world.Detector.SlowSums(id, SignalPair.Errors)[2], Is.Positive);
        Assert.That(look.HasOnset, Is.True);
    }

    [Test]
    public void OnBlocks_Recovery_EndsTheRun()
    {
        var world = new World(9, Topology);
        world.Run(24, 0.001, 0.001);
        world.Run(4, 0.001, 0.3);
        world.Run(30, 0, 0);
        var id = world.Fold.FindCluster("pay-v2");
        Assert.That(world.Look(id, LookKind.Contrast, 12).HasOnset, Is.False);
        Assert.That(world.Detector.Persistence(id, SignalPair.Errors, LookKind.Contrast).Flushes, Is.Zero);
    }

    /// <summary>200 requests a second over two versions, a flush every 5 s.</summary>
    private sealed class World
    {
        private const int StableRequests = 900;
        private const int CanaryRequests = 100;
        private readonly FoldScenario _scenario = new();
        private readonly SeededRandomSource _random;
        private readonly GatewayTopology _topology;
        private readonly long[] _completed = new long[2];
        private readonly long[] _failed = new long[2];

        public World(ulong seed, GatewayTopology topology, DetectionOptions? options = null)
        {
            _random = new SeededRandomSource(seed);
            _topology = topology;
            Detector = new Detector(options ?? new DetectionOptions());
            _scenario.Open(1, "envoy");
            Flush();
        }

        public Detector Detector { get; }

        public TelemetryFold Fold => _scenario.Fold;

        public ControlTime Now => _scenario.Now;

        public int Breaches { get; private set; }

        public int ContrastBreaches { get; private set; }

        public int Suspects { get; private set; }

        public void Run(int flushes, double stableRatio, double canaryRatio)
        {
            for (var flush = 0; flush < flushes; flush++)
            {
                _scenario.Pass(4.9);
                Serve(0, StableRequests, stableRatio);
                Serve(1, CanaryRequests, canaryRatio);
                Flush();
                Assert.That(Detector.OnBlocks(Fold, _topology), Is.True);
                foreach (var finding in Detector.Findings)
                {
                    Breaches += finding.Verdict == Verdict.Breach ? 1 : 0;
                    ContrastBreaches += finding is { Verdict: Verdict.Breach, Kind: LookKind.Contrast } ? 1 : 0;
                    Suspects += finding.IsSuspect ? 1 : 0;
                }
            }
        }

        public void Silence(int seconds)
        {
            for (var second = 0; second < seconds; second++)
                _scenario.Pass(1);
            Detector.OnBlocks(Fold, _topology);
        }

        public LookResult Look(int id, LookKind kind, int blocks) =>
            Detector.Look(Fold, id, SignalPair.Errors, kind, blocks);

        public LookResult? Find(Verdict verdict, LookKind kind)
        {
            foreach (var finding in Detector.Findings)
            {
                if (finding.Verdict == verdict && finding.Kind == kind)
                    return finding;
            }

            return null;
        }

        private void Serve(int version, int requests, double ratio)
        {
            _completed[version] += requests;
            var bound = (int)(ratio * 1_000_000);
            for (var request = 0; request < requests; request++)
                _failed[version] += _random.NextInt32(1_000_000) < bound ? 1 : 0;
        }

        private void Flush()
        {
            var samples = new List<(string, long)>();
            for (var version = 0; version < 2; version++)
            {
                samples.Add(($"cluster.{Versions[version]}.upstream_rq_total", _completed[version]));
                samples.Add(($"cluster.{Versions[version]}.upstream_rq_completed", _completed[version]));
                if (_failed[version] > 0)
                    samples.Add(($"cluster.{Versions[version]}.upstream_rq_5xx", _failed[version]));
            }

            _scenario.Flush(1, [.. samples]);
        }
    }
}
