using SelfHeal.Core.Detection;
using SelfHeal.Core.Topology;
using SelfHeal.UnitTests.Series;

namespace SelfHeal.UnitTests.Detection;

/// <summary>A fleet whose proxies flush one after the other: a fault does not wait for the last of them.</summary>
[TestFixture]
public sealed class OpenBlockTests
{
    private const int Proxies = 20;

    [Test]
    public void IsOpenInBreach_FaultInHalfOfTheFlushes_IsSeenBeforeTheBlockCloses()
    {
        var fleet = new Fleet();
        for (var round = 0; round < 5; round++)
            fleet.Round(Proxies, 0);
        Assert.That(fleet.Detector.IsOpenInBreach(fleet.Scenario.Fold), Is.False);
        var closed = fleet.Scenario.Fold.ClosedSequence;
        fleet.Round(Proxies / 2, 30);
        Assert.That(fleet.Scenario.Fold.ClosedSequence, Is.EqualTo(closed), "half of the proxies have not delivered");
        Assert.That(fleet.Detector.IsOpenInBreach(fleet.Scenario.Fold), Is.True);
        Assert.That(fleet.Scenario.Fold.CloseEarly(fleet.Scenario.Now), Is.True);
        Assert.That(fleet.Detector.OnBlocks(fleet.Scenario.Fold, GatewayTopology.Empty), Is.True);
        Assert.That(fleet.Detector.Findings.ToArray().Any(f => f.Verdict == Verdict.Breach), Is.True);
    }

    [Test]
    public void IsOpenInBreach_BreachAlreadyKnown_AsksForNoEarlyEnd()
    {
        var fleet = new Fleet();
        fleet.Round(Proxies, 0);
        fleet.Round(Proxies, 30);
        fleet.Round(Proxies, 30);
        fleet.Round(Proxies / 2, 30);
        Assert.That(fleet.Detector.IsOpenInBreach(fleet.Scenario.Fold), Is.False);
    }

    private sealed class Fleet
    {
        private readonly long[] _completed = new long[Proxies];
        private readonly long[] _failed = new long[Proxies];

        public Fleet()
        {
            for (var proxy = 0; proxy < Proxies; proxy++)
                Scenario.Open(proxy, $"envoy-{proxy}");
            Round(Proxies, 0);
        }

        public FoldScenario Scenario { get; } = new();

        public Detector Detector { get; } = new(new DetectionOptions());

        public void Round(int proxies, int failures)
        {
            for (var proxy = 0; proxy < proxies; proxy++)
            {
                Scenario.Pass(0.15);
                _completed[proxy] += 100;
                _failed[proxy] += failures;
                Scenario.Flush(
                    proxy,
                    ("cluster.pay.upstream_rq_completed", _completed[proxy]),
                    ("cluster.pay.upstream_rq_5xx", _failed[proxy]));
                Detector.OnBlocks(Scenario.Fold, GatewayTopology.Empty);
            }
        }
    }
}
