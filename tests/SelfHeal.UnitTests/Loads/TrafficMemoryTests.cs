using SelfHeal.Core.AccessLogs;
using SelfHeal.Core.Loads;
using SelfHeal.Core.Time;

namespace SelfHeal.UnitTests.Loads;

/// <summary>What the tables take when they are as full as their defaults allow, and whatever comes on top.</summary>
[NonParallelizable]
internal sealed class TrafficMemoryTests
{
    private const long MiB = 1024 * 1024;

    [Test]
    public void LoadTable_FarMoreReportsThanItsLimit_StaysSmall()
    {
        const int Streams = 100;
        const int Clusters = 100;
        const int Endpoints = 20;
        var loads = new LoadScenario();
        for (var stream = 1; stream <= Streams; stream++)
            loads.Open(stream, $"edge-{stream}");
        var before = GC.GetTotalMemory(forceFullCollection: true);
        for (var period = 0; period < 3; period++)
        {
            for (var stream = 1; stream <= Streams; stream++)
                loads.ReportNow(stream, [.. Enumerable.Range(0, Clusters).Select(Cluster)]);
            loads.Pass(LoadScenario.Interval);
        }

        var taken = GC.GetTotalMemory(forceFullCollection: true) - before;

        TestContext.Out.WriteLine($"{loads.Table.Rows} rows, {taken / (double)MiB:0.0} MiB");
        Assert.That(loads.Table.Counters.OverflowedRows, Is.GreaterThan(loads.Options.RowLimit));
        Assert.That(loads.Table.Rows, Is.InRange(loads.Options.RowLimit * 9 / 10, loads.Options.RowLimit));
        Assert.That(taken, Is.LessThan(40 * MiB));
        GC.KeepAlive(loads);

        static ClusterLoad Cluster(int cluster) => LoadScenario.Of(
            $"cluster-{cluster}",
            LoadScenario.At(
                LoadScenario.Here,
                [.. Enumerable.Range(0, Endpoints).Select(e => ($"10.{cluster}.0.{e}:8080", 10L, 1L))]));
    }

    [Test]
    public void AccessLogTable_FarMoreRowsThanItsLimit_StaysSmall()
    {
        var options = new AccessLogTableOptions();
        var table = new AccessLogTable(options);
        var now = new ControlTime(0, DateTimeOffset.UnixEpoch);
        var before = GC.GetTotalMemory(forceFullCollection: true);
        for (var interval = 0; interval < options.Intervals; interval++)
        {
            table.OnBatch(new AccessLogBatch(1, [.. Enumerable.Range(0, 2_000).Select(Refused)]), now);
            now = now.Plus(options.Interval);
        }

        var taken = GC.GetTotalMemory(forceFullCollection: true) - before;

        TestContext.Out.WriteLine($"{table.Rows} rows, {taken / (double)MiB:0.0} MiB");
        Assert.That(table.Counters.OverflowedRequests, Is.EqualTo((options.Intervals * 2_000) - options.RowLimit));
        Assert.That(table.Rows, Is.InRange(options.RowLimit, options.RowLimit + options.Intervals));
        Assert.That(taken, Is.LessThan(50 * MiB));
        GC.KeepAlive(table);

        static AccessLogCount Refused(int host) => new(
            new AccessLogKey("payments", $"10.0.{host / 256}.{host % 256}:8080", "main"),
            ResponseFlagCodes.Bit(ResponseFlag.UpstreamConnectionFailure),
            5,
            1);
    }
}
