using SelfHeal.Core.Series;

namespace SelfHeal.UnitTests.Series;

/// <summary>Stats sinks with <c>report_counters_as_deltas</c>.</summary>
[TestFixture]
public sealed class TelemetryFoldDeltaTests
{
    private const string Total = "cluster.pay.upstream_rq_total";
    private const string Failed = "cluster.pay.upstream_rq_5xx";
    private const string Uptime = "server.uptime";

    [Test]
    public void OnBatch_Deltas_AreSummedAsTheyAre()
    {
        var scenario = Started();
        long[] deltas = [5, 0, 100, 7];
        foreach (var delta in deltas)
        {
            scenario.Pass(4.9);
            scenario.Flush(1, (Total, delta));
        }

        Assert.That(scenario.Sum("pay", Stat.UpstreamRqTotal, 4), Is.EqualTo(112));
        Assert.That(scenario.Fold.Counters.CounterEpochs, Is.Zero, "deltas may fall");
    }

    [Test]
    public void OnBatch_FirstFlush_IsOfAnUnknownInterval()
    {
        var scenario = Started();
        scenario.Pass(4.9);
        scenario.Flush(1, (Total, 0), (Failed, 3));
        Assert.That(scenario.Sum("pay", Stat.UpstreamRqTotal), Is.Zero);
        Assert.That(scenario.Sum("pay", Stat.UpstreamRq5xx), Is.EqualTo(3), "a new series gained what it says");
    }

    [Test]
    public void OnBatch_LostFlush_LosesItsCountsAndItsTime()
    {
        var scenario = Started();
        for (var flush = 0; flush < 4; flush++)
        {
            scenario.Pass(4.9);
            scenario.Flush(1, (Total, 10));
        }

        scenario.Pass(4.9);
        scenario.Lose(1, 99);
        scenario.Pass(5);
        scenario.Flush(1, (Total, 10), (Failed, 2));
        var window = scenario.Fold.Window("pay", Stat.UpstreamRqTotal, 1);
        Assert.That(window.Sum, Is.EqualTo(10));
        Assert.That(window.Exposure, Is.EqualTo(TimeSpan.FromSeconds(5)), "ten counts in 5 s, not in 10 s");
        Assert.That(scenario.Sum("pay", Stat.UpstreamRq5xx), Is.EqualTo(2), "a new delta is as good as any");
    }

    [Test]
    public void OnBatch_LostPart_LeavesTheBlockUnknown()
    {
        var scenario = Started();
        scenario.Pass(4.9);
        scenario.Lose(1, 99);
        scenario.Part(1, 99, (Total, 10));
        for (var second = 0; second < 8; second++)
            scenario.Pass(1);
        Assert.That(scenario.Fold.TryGetBlock(0, out var block), Is.True);
        Assert.That(block.IsKnown, Is.False);
        Assert.That(scenario.Fold.Counters.DamagedFlushes, Is.EqualTo(1));
    }

    [Test]
    public void OnStreamOpened_SameProcess_StartsAnew()
    {
        var scenario = Started();
        scenario.Pass(4.9);
        scenario.Flush(1, (Uptime, 105), (Total, 10));
        scenario.Close(1);
        scenario.Pass(4.9);
        scenario.Open(2, "node");
        scenario.Flush(2, (Uptime, 110), (Total, 50));
        Assert.That(scenario.Sum("pay", Stat.UpstreamRqTotal, 12), Is.EqualTo(10));
        Assert.That(scenario.Fold.Counters.Continuations, Is.Zero);
    }

    [TestCase(true, true, false)]
    [TestCase(true, false, true)]
    [TestCase(false, false, false)]
    [TestCase(false, true, true)]
    public void OnBatch_OtherKindThanDeclared_IsCounted(bool declared, bool sent, bool isContradicted)
    {
        var scenario = new FoldScenario(new TelemetryOptions { CountersAreDeltas = declared });
        scenario.Open(1, "node");
        for (var flush = 0; flush < 40; flush++)
        {
            var samples = new (string, long)[40];
            for (var i = 0; i < samples.Length; i++)
            {
                var value = sent ? 100 + (flush * (i + 3) % 7) : (flush + 1) * 100;
                samples[i] = ($"cluster.c{i}.upstream_rq_total", value);
            }

            scenario.Flush(1, samples);
            scenario.Pass(4.9);
        }

        Assert.That(scenario.Fold.Counters.ContradictedFlushes, isContradicted ? Is.GreaterThan(10) : Is.Zero);
    }

    private static FoldScenario Started()
    {
        var scenario = new FoldScenario(new TelemetryOptions { CountersAreDeltas = true });
        scenario.Open(1, "node");
        scenario.Flush(1, (Uptime, 100), (Total, 1_000));
        return scenario;
    }
}
