using SelfHeal.Core.Series;

namespace SelfHeal.UnitTests.Series;

[TestFixture]
public sealed class TelemetryFoldTests
{
    private const string Total = "cluster.pay.upstream_rq_total";
    private const string Completed = "cluster.pay.upstream_rq_completed";
    private const string Failed = "cluster.pay.upstream_rq_5xx";
    private const string Uptime = "server.uptime";

    [Test]
    public void OnBatch_FirstFlush_GivesNoDelta()
    {
        var scenario = Started();
        Assert.That(scenario.Fold.ClosedSequence, Is.EqualTo(-1));
        Assert.That(scenario.Fold.Window("pay", Stat.UpstreamRqCompleted, 1).KnownBlocks, Is.Zero);
    }

    [Test]
    public void OnBatch_SecondFlush_GivesTheDelta()
    {
        var scenario = Started();
        scenario.Pass(4.9);
        scenario.Flush(1, (Total, 1_200), (Completed, 1_150));
        var window = scenario.Fold.Window("pay", Stat.UpstreamRqCompleted, 1);
        Assert.That(window.Sum, Is.EqualTo(150));
        Assert.That(window.KnownBlocks, Is.EqualTo(1));
        Assert.That(window.NewestKnown, Is.True);
        Assert.That(window.Exposure, Is.EqualTo(TimeSpan.FromSeconds(5)));
        Assert.That(window.Duration, Is.EqualTo(TimeSpan.FromSeconds(5)));
    }

    [Test]
    public void OnBatch_CanaryFirst5xxAsNewSeries_CountsFromZero()
    {
        var scenario = Started();
        scenario.Pass(4.9);
        scenario.Flush(1, (Total, 1_200), (Completed, 1_150), (Failed, 7));
        Assert.That(scenario.Sum("pay", Stat.UpstreamRq5xx), Is.EqualTo(7));
    }

    [Test]
    public void Window_MeasuredZeroAndNotReported_AreTwoThings()
    {
        var scenario = Started();
        scenario.Pass(4.9);
        scenario.Flush(1, (Total, 1_200), (Completed, 1_150));
        var measured = scenario.Fold.Window("pay", Stat.UpstreamRq5xx, 1);
        Assert.That((measured.Sum, measured.KnownBlocks), Is.EqualTo((0L, 1)));
        var unknown = scenario.Fold.Window("other", Stat.UpstreamRq5xx, 1);
        Assert.That((unknown.Sum, unknown.KnownBlocks, unknown.NewestKnown), Is.EqualTo((0L, 0, false)));
    }

    [Test]
    public void OnBatch_ClusterGoneFromTheProxy_IsNotReported()
    {
        var scenario = Started();
        scenario.Pass(4.9);
        scenario.Flush(1, (Total, 1_200), ("cluster.b.upstream_rq_total", 1));
        scenario.Pass(4.9);
        scenario.Flush(1, ("cluster.b.upstream_rq_total", 2));
        var window = scenario.Fold.Window("pay", Stat.UpstreamRqTotal, 2);
        Assert.That((window.Sum, window.KnownBlocks, window.NewestKnown), Is.EqualTo((200L, 1, false)));
    }

    [Test]
    public void OnBatch_FallingCounter_StartsANewEpoch()
    {
        var scenario = Started();
        scenario.Pass(4.9);
        scenario.Flush(1, (Total, 5), (Completed, 1_100));
        Assert.That(scenario.Sum("pay", Stat.UpstreamRqTotal), Is.Zero);
        Assert.That(scenario.Fold.Counters.CounterEpochs, Is.EqualTo(1));
        scenario.Pass(4.9);
        scenario.Flush(1, (Total, 25), (Completed, 1_200));
        Assert.That(scenario.Sum("pay", Stat.UpstreamRqTotal), Is.EqualTo(20));
    }

    [Test]
    public void OnStreamOpened_SameUptime_GoesOnCounting()
    {
        var scenario = Started();
        scenario.Close(1);
        scenario.Pass(9.9);
        scenario.Open(2, "node");
        scenario.Flush(2, (Uptime, 110), (Total, 1_300), (Completed, 1_200), (Failed, 4));
        Assert.That(scenario.Sum("pay", Stat.UpstreamRqTotal, 12), Is.EqualTo(300));
        Assert.That(scenario.Sum("pay", Stat.UpstreamRq5xx, 12), Is.EqualTo(4));
        Assert.That(scenario.Fold.Counters.Continuations, Is.EqualTo(1));
    }

    [TestCase(3)]
    [TestCase(500)]
    public void OnStreamOpened_OtherUptime_StartsFromABaseline(long uptime)
    {
        var scenario = Started();
        scenario.Close(1);
        scenario.Pass(9.9);
        scenario.Open(2, "node");
        scenario.Flush(2, (Uptime, uptime), (Total, 1_300), (Completed, 1_200), (Failed, 4));
        Assert.That(scenario.Sum("pay", Stat.UpstreamRqTotal, 12), Is.Zero);
        Assert.That(scenario.Fold.Counters.ProcessRestarts, Is.EqualTo(1));
        scenario.Pass(4.9);
        scenario.Flush(2, (Uptime, uptime + 5), (Total, 1_310), (Completed, 1_210), (Failed, 5));
        Assert.That(scenario.Sum("pay", Stat.UpstreamRqTotal, 12), Is.EqualTo(10));
        Assert.That(scenario.Sum("pay", Stat.UpstreamRq5xx, 12), Is.EqualTo(1));
    }

    [Test]
    public void OnStreamOpened_WithoutUptime_StartsFromABaseline()
    {
        var scenario = Started();
        scenario.Close(1);
        scenario.Pass(9.9);
        scenario.Open(2, "node");
        scenario.Flush(2, (Total, 1_300));
        Assert.That(scenario.Sum("pay", Stat.UpstreamRqTotal, 12), Is.Zero);
    }

    [Test]
    public void OnStreamClosed_HalfOpenPredecessor_IsNotCountedFromAgain()
    {
        var scenario = Started();
        scenario.Open(2, "node");
        scenario.Flush(2, (Uptime, 100), (Total, 1_000));
        scenario.Pass(4.8);
        scenario.Flush(2, (Uptime, 105), (Total, 1_100));
        scenario.Close(2);
        scenario.Close(1);
        scenario.Pass(4.9);
        scenario.Open(3, "node");
        scenario.Flush(3, (Uptime, 110), (Total, 1_150));
        Assert.That(scenario.Sum("pay", Stat.UpstreamRqTotal, 12), Is.EqualTo(150));
    }

    [Test]
    public void OnStreamOpened_RestartedTwice_StaysBoundedAndExact()
    {
        var scenario = Started();
        for (var stream = 2; stream < 50; stream++)
        {
            scenario.Close(stream - 1);
            scenario.Pass(4.9);
            scenario.Open(stream, "node");
            scenario.Flush(stream, ($"cluster.c{stream}.upstream_rq_total", 7), (Uptime, 1), (Total, 10));
            scenario.Pass(4.9);
            scenario.Flush(stream, ($"cluster.c{stream}.upstream_rq_total", 9), (Uptime, 6), (Total, 13));
            Assert.That(scenario.Sum("pay", Stat.UpstreamRqTotal), Is.EqualTo(3));
            Assert.That(scenario.Sum($"c{stream}", Stat.UpstreamRqTotal), Is.EqualTo(2));
        }
    }

    [Test]
    public void OnTick_MissingFlush_MakesUnknownBlocksAndKeepsTheExposure()
    {
        var scenario = Started();
        scenario.Pass(4.9);
        scenario.Flush(1, (Total, 1_100));
        for (var second = 0; second < 14; second++)
            scenario.Pass(1);
        Assert.That(scenario.Fold.ClosedSequence, Is.EqualTo(1));
        Assert.That(scenario.Fold.TryGetBlock(1, out var unknown), Is.True);
        Assert.That(unknown.IsKnown, Is.False);
        scenario.Pass(0.9);
        scenario.Flush(1, (Total, 1_400));
        var window = scenario.Fold.Window("pay", Stat.UpstreamRqTotal, 12);
        Assert.That((window.Sum, window.KnownBlocks, window.Blocks), Is.EqualTo((400L, 2, 3)));
        Assert.That(window.Exposure, Is.EqualTo(TimeSpan.FromSeconds(20)));
    }

    [Test]
    public void OnTick_OtherInterval_IsLearned()
    {
        var scenario = Started();
        for (var flush = 1; flush <= 6; flush++)
        {
            for (var second = 0; second < 29; second++)
                scenario.Pass(1);
            scenario.Pass(0.9);
            scenario.Flush(1, (Total, 1_000 + (flush * 100)));
        }

        Assert.That(scenario.Fold.StreamAt(0, scenario.Now).FlushInterval, Is.EqualTo(TimeSpan.FromSeconds(30)));
        Assert.That(scenario.Fold.Window("pay", Stat.UpstreamRqTotal, 2).KnownBlocks, Is.EqualTo(2));
    }

    [Test]
    public void OnBatch_FlushInParts_IsOneBlock()
    {
        var scenario = StartedInParts();
        scenario.Pass(4.9);
        scenario.Part(1, 99, (Total, 1_100));
        scenario.Pass(0.05);
        Assert.That(scenario.Fold.ClosedSequence, Is.EqualTo(-1));
        scenario.Part(1, 99, (Completed, 1_050));
        Assert.That(scenario.Fold.ClosedSequence, Is.Zero, "as many parts as before: complete without waiting");
        Assert.That(scenario.Sum("pay", Stat.UpstreamRqTotal), Is.EqualTo(100));
        Assert.That(scenario.Sum("pay", Stat.UpstreamRqCompleted), Is.EqualTo(50));
    }

    [Test]
    public void OnBatch_OnePartLearned_IsCompleteAtOnce()
    {
        var scenario = Started();
        scenario.Pass(4.9);
        scenario.Part(1, 99, (Total, 1_100));
        Assert.That(scenario.Fold.ClosedSequence, Is.Zero);
        Assert.That(scenario.Sum("pay", Stat.UpstreamRqTotal), Is.EqualTo(100));
    }

    [Test]
    public void OnBatch_MorePartsThanLearned_AddsToTheNextBlockAndLearns()
    {
        var scenario = Started();
        scenario.Pass(4.9);
        scenario.Part(1, 99, (Total, 1_100));
        scenario.Pass(0.05);
        scenario.Part(1, 99, (Completed, 1_050));
        scenario.Pass(0.1);
        Assert.That(scenario.Fold.ClosedSequence, Is.Zero);
        Assert.That(scenario.Sum("pay", Stat.UpstreamRqCompleted), Is.Zero);
        scenario.Pass(4.85);
        scenario.Part(1, 5_099, (Total, 1_200));
        Assert.That(scenario.Fold.ClosedSequence, Is.Zero);
        scenario.Part(1, 5_099, (Completed, 1_150));
        Assert.That(scenario.Fold.ClosedSequence, Is.EqualTo(1));
        Assert.That(scenario.Sum("pay", Stat.UpstreamRqCompleted), Is.EqualTo(150));
        Assert.That(scenario.Fold.TryGetBlock(0, out var first), Is.True);
        Assert.That(scenario.Fold.TryGetBlock(1, out var second), Is.True);
        Assert.That(second.CoversFrom, Is.EqualTo(first.CoversFrom), "the late part reaches back a flush");
    }

    [Test]
    public void OnBatch_FewerPartsThanLearned_WaitsForQuietOnce()
    {
        var scenario = StartedInParts();
        scenario.Pass(4.9);
        scenario.Part(1, 99, (Total, 1_100), (Completed, 1_010));
        Assert.That(scenario.Fold.ClosedSequence, Is.EqualTo(-1));
        scenario.Pass(0.1);
        Assert.That(scenario.Fold.ClosedSequence, Is.Zero);
        scenario.Pass(4.9);
        scenario.Part(1, 5_099, (Total, 1_200), (Completed, 1_020));
        Assert.That(scenario.Fold.ClosedSequence, Is.EqualTo(1));
    }

    [Test]
    public void OnBatch_WithoutTimestamp_WaitsForQuiet()
    {
        var scenario = Started();
        for (var flush = 0; flush < 3; flush++)
        {
            scenario.Pass(4.9);
            scenario.Part(1, 0, (Total, 1_100 + (flush * 100)));
            Assert.That(scenario.Fold.ClosedSequence, Is.EqualTo(flush - 1));
            scenario.Part(1, 0, (Completed, 1_100 + (flush * 100)));
            scenario.Pass(0.1);
            Assert.That(scenario.Sum("pay", Stat.UpstreamRqCompleted), Is.EqualTo(100));
        }
    }

    [Test]
    public void OnBatch_FirstFlushInPartsFarApart_GivesNoDelta()
    {
        var scenario = new FoldScenario();
        scenario.Open(1, "node");
        scenario.Part(1, 99, (Total, 1_000));
        scenario.Pass(0.3);
        scenario.Part(1, 99, (Completed, 1_000));
        scenario.Pass(4.7);
        scenario.Flush(1, (Total, 1_010), (Completed, 1_020));
        Assert.That(scenario.Sum("pay", Stat.UpstreamRqTotal), Is.EqualTo(10));
        Assert.That(scenario.Sum("pay", Stat.UpstreamRqCompleted), Is.EqualTo(20));
    }

    [Test]
    public void OnBatch_SeveralProxies_AreSummedWhenAllDelivered()
    {
        var scenario = Started();
        scenario.Open(2, "other");
        scenario.Pass(2);
        scenario.Flush(2, (Total, 50), ("cluster.pay.upstream_cx_active", 1));
        scenario.Pass(2.8);
        scenario.Flush(1, (Total, 1_100), ("cluster.pay.upstream_cx_active", 4));
        Assert.That(scenario.Fold.ClosedSequence, Is.EqualTo(-1));
        scenario.Pass(2);
        scenario.Flush(2, (Total, 80), ("cluster.pay.upstream_cx_active", 3));
        Assert.That(scenario.Fold.ClosedSequence, Is.Zero);
        Assert.That(scenario.Sum("pay", Stat.UpstreamRqTotal), Is.EqualTo(130));
        Assert.That(scenario.Sum("pay", Stat.UpstreamCxActive), Is.EqualTo(7));
        Assert.That(scenario.Fold.TryGetBlock(0, out var block), Is.True);
        Assert.That((block.StreamsDelivered, block.StreamsLive), Is.EqualTo((2, 2)));
    }

    [Test]
    public void OnBatch_OneProxySilent_TheOtherClosesBlocksAlone()
    {
        var scenario = Started();
        scenario.Open(2, "other");
        scenario.Flush(2, (Total, 50));
        for (var flush = 1; flush <= 6; flush++)
        {
            scenario.Pass(4.9);
            scenario.Flush(1, (Total, 1_000 + (flush * 10)));
        }

        Assert.That(scenario.Sum("pay", Stat.UpstreamRqTotal, 12), Is.EqualTo(60));
        Assert.That(scenario.Fold.StreamAt(1, scenario.Now).IsLive, Is.False);
    }

    [Test]
    public void OnBatch_LostPart_PutsTheFlushAsideAndTheNextSpansIt()
    {
        var scenario = new FoldScenario();
        scenario.Open(1, "node");
        for (var part = 0; part < 3; part++)
            scenario.Part(1, 1, (Total, 1_000), (Completed, 1_000));
        scenario.Pass(5);
        scenario.Part(1, 99, (Total, 1_100));
        scenario.Lose(1, 99);
        scenario.Part(1, 99, (Completed, 1_050));
        scenario.Pass(0.1);
        Assert.That(scenario.Fold.ClosedSequence, Is.EqualTo(-1));
        Assert.That(scenario.Fold.Counters.DamagedFlushes, Is.EqualTo(1));
        scenario.Pass(4.9);
        scenario.Flush(1, (Total, 1_200), (Completed, 1_100));
        Assert.That(scenario.Sum("pay", Stat.UpstreamRqTotal, 12), Is.EqualTo(200));
    }

    [Test]
    public void OnBatch_LostEndOfTheFirstFlush_DoesNotCountOldSeriesFromZero()
    {
        var scenario = new FoldScenario();
        scenario.Open(1, "node");
        scenario.Part(1, 99, (Total, 1_000));
        scenario.Lose(1, 99);
        scenario.Pass(5);
        scenario.Flush(1, (Total, 1_010), (Completed, 900));
        Assert.That(scenario.Sum("pay", Stat.UpstreamRqCompleted), Is.Zero);
        Assert.That(scenario.Fold.Counters.UntrustedSeries, Is.EqualTo(1));
        scenario.Pass(4.9);
        scenario.Flush(1, (Total, 1_020), (Completed, 905));
        Assert.That(scenario.Sum("pay", Stat.UpstreamRqCompleted), Is.EqualTo(5));
    }

    [Test]
    public void Clusters_QualifierOnly_IsNoCluster()
    {
        var scenario = Started();
        scenario.Pass(4.9);
        scenario.Flush(1, (Total, 1_100), ("cluster.pay.external.upstream_rq_completed", 100),
            ("cluster.pay.internal.upstream_rq_completed", 5), ("cluster.pay.internal.membership_total", 5));
        var names = new List<string>();
        foreach (var cluster in scenario.Fold.Clusters)
            names.Add(scenario.Fold.NameOf(cluster));
        Assert.That(names, Is.EqualTo((string[])["pay", "pay.internal"]));
        Assert.That(scenario.Fold.FindCluster("pay.external"), Is.EqualTo(-1));
        Assert.That(scenario.Sum("pay.internal", Stat.UpstreamRqCompleted), Is.EqualTo(5));
    }

    [Test]
    public void OnBatch_SeriesOfOneKey_EachHasItsOwnLastValue()
    {
        var scenario = new FoldScenario();
        scenario.Open(1, "node");
        scenario.Flush(1, ("cluster.pay.ssl.fail_verify_san", 10), ("cluster.pay.ssl.fail_verify_error", 100));
        scenario.Pass(4.9);
        scenario.Flush(1, ("cluster.pay.ssl.fail_verify_san", 12), ("cluster.pay.ssl.fail_verify_error", 101));
        Assert.That(scenario.Sum("pay", Stat.ClusterSslFailVerify), Is.EqualTo(3));
        Assert.That(scenario.Fold.Counters.CounterEpochs, Is.Zero);
    }

    [Test]
    public void OnBatch_LongRun_KeepsTheNewestBlocksOnly()
    {
        var scenario = new FoldScenario(new TelemetryOptions { BlockCapacity = 12 });
        scenario.Open(1, "node");
        for (var flush = 0; flush <= 100; flush++)
        {
            scenario.Flush(1, (Total, flush * flush));
            scenario.Pass(4.9);
        }

        Assert.That(scenario.Fold.ClosedSequence, Is.EqualTo(99));
        Assert.That(scenario.Sum("pay", Stat.UpstreamRqTotal, 12), Is.EqualTo((100 * 100) - (88 * 88)));
        Assert.That(scenario.Fold.TryGetBlock(87, out _), Is.False);
        Assert.That(scenario.Fold.TryGetBlock(88, out _), Is.True);
    }

    [Test]
    public void OnStreamClosed_InTheOpenBlock_KeepsWhatItDelivered()
    {
        var scenario = Started();
        scenario.Open(2, "other");
        scenario.Flush(2, (Total, 50));
        scenario.Pass(4.8);
        scenario.Flush(1, (Total, 1_100));
        scenario.Close(1);
        Assert.That(scenario.Fold.ClosedSequence, Is.EqualTo(-1));
        scenario.Flush(2, (Total, 60));
        Assert.That(scenario.Sum("pay", Stat.UpstreamRqTotal), Is.EqualTo(110));
    }

    private static FoldScenario StartedInParts()
    {
        var scenario = new FoldScenario();
        scenario.Open(1, "node");
        scenario.Part(1, 1, (Uptime, 100), (Total, 1_000));
        scenario.Part(1, 1, (Completed, 1_000));
        scenario.Pass(0.1);
        return scenario;
    }

    private static FoldScenario Started()
    {
        var scenario = new FoldScenario();
        scenario.Open(1, "node");
        scenario.Flush(1, (Uptime, 100), (Total, 1_000), (Completed, 1_000));
        return scenario;
    }
}
