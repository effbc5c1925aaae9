using SelfHeal.Core.Series;

namespace SelfHeal.UnitTests.Series;

/// <summary>What may be read of blocks one by one, the open one among them.</summary>
[TestFixture]
public sealed class TelemetryFoldBlockTests
{
    private const string Total = "cluster.pay.upstream_rq_total";
    private const string Slow = "cluster.pay.upstream_rq_time";
    private const string Uptime = "server.uptime";

    [Test]
    public void CloseEarly_SomeDelivered_ClosesOnceUntilANormalClose()
    {
        var scenario = Started();
        scenario.Open(2, "other");
        scenario.Flush(2, (Total, 50));
        Assert.That(scenario.Fold.CloseEarly(scenario.Now), Is.False, "nothing was delivered");
        scenario.Pass(4.8);
        var version = scenario.Fold.OpenVersion;
        scenario.Flush(1, (Total, 1_100));
        var id = scenario.Fold.FindCluster("pay");
        Assert.That(scenario.Fold.OpenVersion, Is.EqualTo(version + 1));
        Assert.That(scenario.Fold.OpenSum(id, Stat.UpstreamRqTotal), Is.EqualTo(100));
        Assert.That(scenario.Fold.CloseEarly(scenario.Now), Is.True);
        Assert.That(scenario.Fold.BlockValue(id, Stat.UpstreamRqTotal, 0), Is.EqualTo(100));
        scenario.Flush(2, (Total, 60));
        Assert.That(scenario.Fold.CloseEarly(scenario.Now), Is.False, "the block before was closed early");
        scenario.Pass(4.8);
        scenario.Flush(1, (Total, 1_150));
        Assert.That(scenario.Fold.ClosedSequence, Is.EqualTo(1));
        Assert.That(scenario.Fold.BlockValue(id, Stat.UpstreamRqTotal, 1), Is.EqualTo(60));
        Assert.That(scenario.Fold.TryGetBlock(0, out var early), Is.True);
        Assert.That((early.IsEarly, early.StreamsDelivered, early.StreamsLive), Is.EqualTo((true, 1, 2)));
        Assert.That(scenario.Fold.TryGetBlock(1, out var normal), Is.True);
        Assert.That((normal.IsEarly, normal.StreamsDelivered), Is.EqualTo((false, 2)));
    }

    [Test]
    public void TryGetBlock_SeveralProxies_CoversFromTheEarliestFlushBefore()
    {
        var scenario = Started();
        scenario.Open(2, "other");
        scenario.Pass(2);
        scenario.Flush(2, (Total, 50));
        var first = scenario.Now.Plus(TimeSpan.FromSeconds(-2.2));
        scenario.Pass(2.8);
        scenario.Flush(1, (Total, 1_100));
        scenario.Pass(2);
        scenario.Flush(2, (Total, 80));
        Assert.That(scenario.Fold.TryGetBlock(0, out var block), Is.True);
        Assert.That(block.CoversFrom, Is.EqualTo(first));
    }

    [Test]
    public void TryGetBlock_AfterALostFlush_CoversWhatTheLostOneCovered()
    {
        var scenario = Started();
        scenario.Pass(4.9);
        scenario.Flush(1, (Total, 1_100));
        Assert.That(scenario.Fold.TryGetBlock(0, out var before), Is.True);
        scenario.Pass(4.9);
        scenario.Lose(1, 99);
        scenario.Flush(1, (Total, 1_200));
        Assert.That(scenario.Fold.TryGetBlock(1, out var after), Is.True);
        Assert.That(after.CoversFrom, Is.EqualTo(before.CoversFrom));
    }

    [Test]
    public void BlockValue_CounterBeyond32Bits_Saturates()
    {
        var scenario = Started();
        scenario.Pass(4.9);
        scenario.Flush(1, (Total, 1_000 + (1L << 40)), ("cluster.pay.upstream_cx_active", -3));
        var id = scenario.Fold.FindCluster("pay");
        Assert.That(scenario.Fold.BlockValue(id, Stat.UpstreamRqTotal, 0), Is.EqualTo(uint.MaxValue));
        Assert.That(scenario.Fold.BlockValue(id, Stat.UpstreamCxActive, 0), Is.Zero);
        Assert.That(scenario.Sum("pay", Stat.UpstreamCxActive), Is.EqualTo(-3), "a gauge keeps its 64 bits");
        Assert.That(scenario.Fold.BlockValue(id, Stat.UpstreamRqTotal, 1), Is.Zero);
        Assert.That(scenario.Fold.BlockValue(id, Stat.UpstreamRqTotal, -1), Is.Zero);
    }

    [Test]
    public void BlockValue_ScopesOfManyKinds_EachHasItsOwn()
    {
        var scenario = new FoldScenario(new TelemetryOptions { BlockCapacity = 12 });
        scenario.Open(1, "node");
        scenario.Flush(1, (Uptime, 1));
        for (var flush = 1; flush <= 40; flush++)
        {
            scenario.Pass(4.9);
            var samples = new List<(string, long)>();
            for (var scope = 0; scope < flush * 5; scope++)
            {
                samples.Add(($"cluster.c{scope}.upstream_rq_total", flush * (scope + 1)));
                samples.Add(($"listener.l{scope}.downstream_cx_total", flush * (scope + 2)));
                samples.Add(($"http.h{scope}.no_route", flush * (scope + 3)));
            }

            scenario.Flush(1, [.. samples]);
        }

        var fold = scenario.Fold;
        Assert.That(fold.Clusters.Length, Is.EqualTo(200));
        Check(fold.Clusters, Stat.UpstreamRqTotal, 1);
        Check(fold.Scopes(StatScope.Listener), Stat.ListenerCxTotal, 2);
        Check(fold.Scopes(StatScope.HttpConnectionManager), Stat.NoRoute, 3);
        Assert.That(fold.IsReported(fold.FindCluster("c199"), 38), Is.False);
        Assert.That(fold.Exposure(fold.FindCluster("c199"), 38), Is.EqualTo(TimeSpan.Zero));
        Assert.That(fold.Exposure(fold.FindCluster("c199"), 39), Is.EqualTo(TimeSpan.FromSeconds(5)));

        void Check(ReadOnlySpan<int> ids, Stat stat, int more)
        {
            Assert.That(ids.Length, Is.EqualTo(200));
            for (var scope = 0; scope < ids.Length; scope++)
            {
                // A scope that is new in a block counts from 0: the first of its flushes is worth all before it.
                var born = (scope / 5) + 1;
                for (var block = 28; block < 40; block++)
                {
                    var expected = block + 1 < born ? 0 : block + 1 == born ? born * (scope + more) : scope + more;
                    Assert.That(fold.BlockValue(ids[scope], stat, block), Is.EqualTo(expected), $"{stat} {scope}");
                }
            }
        }
    }

    [Test]
    public void HistogramWindow_SeveralProxiesAndBlocks_SumsTheIntervals()
    {
        var scenario = Started();
        scenario.Open(2, "other");
        scenario.Flush(2, (Total, 5));
        for (var flush = 0; flush < 3; flush++)
        {
            scenario.Pass(4.7);
            scenario.Flush(1, [(Slow, 7)], (Total, 2_000 + flush));
            scenario.Flush(2, [(Slow, 9), (Slow, 9)], (Total, 10 + flush));
        }

        var id = scenario.Fold.FindCluster("pay");
        var counts = new long[FlushBatch.HistogramBuckets];
        var fold = scenario.Fold;
        Assert.That(fold.HistogramWindow(id, Stat.UpstreamRqTime, 2, 2, counts), Is.EqualTo(6 * 10));
        Assert.That((counts[7], counts[9], counts[0]), Is.EqualTo((2L, 4L, 54L)));
        Assert.That(fold.HistogramWindow(id, Stat.UpstreamRqTime, 12, 2, counts), Is.EqualTo(9 * 10));
        Assert.That(fold.CountAbove(id, Stat.UpstreamRqTime, 6, 2), Is.EqualTo(3));
        Assert.That(fold.CountAbove(id, Stat.UpstreamRqTime, 7, 2), Is.EqualTo(2));
        Assert.That(fold.CountAbove(id, Stat.UpstreamRqTime, 9, 2), Is.Zero);
        Assert.That(fold.BlockValue(id, Stat.UpstreamRqTime, 2), Is.EqualTo(30), "as a stat, the number of values");
        Assert.That(fold.CountAbove(-1, Stat.UpstreamRqTime, 6, 2), Is.Zero);
        Assert.That(fold.CountAbove(id, Stat.UpstreamRqTime, 6, 3), Is.Zero, "no such block");
    }

    [Test]
    public void HistogramWindow_FirstFlushAndOldBlocks_AreNotThere()
    {
        var scenario = new FoldScenario();
        scenario.Open(1, "node");
        scenario.Flush(1, [(Slow, 3)], (Total, 1));
        var id = -1;
        for (var flush = 0; flush < 40; flush++)
        {
            scenario.Pass(4.9);
            scenario.Flush(1, flush % 2 == 0 ? [(Slow, 12)] : [], (Total, 2 + flush));
            id = scenario.Fold.FindCluster("pay");
            Assert.That(scenario.Fold.CountAbove(id, Stat.UpstreamRqTime, 11, flush), Is.EqualTo((flush + 1) % 2));
        }

        var counts = new long[FlushBatch.HistogramBuckets];
        scenario.Fold.HistogramWindow(id, Stat.UpstreamRqTime, 16, 39, counts);
        Assert.That((counts[3], counts[12]), Is.EqualTo((0L, 8L)));
        Assert.That(scenario.Fold.CountAbove(id, Stat.UpstreamRqTime, 6, 20), Is.Zero, "kept no more");
    }

    private static FoldScenario Started()
    {
        var scenario = new FoldScenario();
        scenario.Open(1, "node");
        scenario.Flush(1, (Uptime, 100), (Total, 1_000));
        return scenario;
    }
}
