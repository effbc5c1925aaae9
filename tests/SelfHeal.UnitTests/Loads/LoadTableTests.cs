using SelfHeal.Core.Loads;
using static SelfHeal.UnitTests.Loads.LoadScenario;

namespace SelfHeal.UnitTests.Loads;

internal sealed class LoadTableTests
{
    [Test]
    public void Traffic_TwoProxies_IsSummedByLocalityOverTheLastPeriods()
    {
        var loads = new LoadScenario();
        loads.Open(1, "a");
        loads.Open(2, "b");
        loads.Report(1, Of(Cluster, Completed(Here, 1_000, 1_000, 0)));
        loads.Report(
            1, Of(Cluster, Completed(Here, 60, 50, 10)) with { Dropped = 5, DroppedByCategory = [new("lb", 3)] });
        loads.Report(1, Of(Cluster, Completed(Here, 60, 60, 0), Completed(There, 40, 0, 0)));
        loads.ReportNow(2, Of(Cluster, Completed(There, 40, 40, 0)) with { DroppedByCategory = [new("lb", 1)] });

        var traffic = loads.Table.Traffic(Cluster, periods: 2, Interval, loads.Now);

        using (Assert.EnterMultipleScope())
        {
            Assert.That((traffic.Reporting, traffic.Missing), Is.EqualTo((2, 0)));
            Assert.That(traffic.Dropped, Is.EqualTo(5));
            Assert.That(traffic.DroppedByCategory, Is.EqualTo(new[] { new DroppedLoad("lb", 4) }));
            Assert.That(traffic.Localities, Is.EqualTo(new[]
            {
                new LocalityShare(Here, 0, new LoadCounts(120, 1, 110, 10), 600_000, 83_333),
                new LocalityShare(There, 0, new LoadCounts(80, 2, 40, 0), 400_000, 0),
            }));
        }
    }

    [Test]
    public void Traffic_StaleAndSilentProxies_AreMissingAndNotZero()
    {
        var loads = new LoadScenario();
        loads.Open(1, "stale");
        loads.Report(1, Of(Cluster, Completed(Here, 100, 100, 0)));
        loads.Pass(Interval);
        loads.Open(2, "fresh");
        loads.Report(2, Of(Cluster, Completed(Here, 10, 10, 0)));
        loads.Table.OnProxyConnected("silent");
        loads.Open(3, "elsewhere");
        loads.ReportNow(3, Of("other"));
        loads.ReportNow(3, Of("other"));

        var traffic = loads.Table.Traffic(Cluster, 1, Interval, loads.Now);

        Assert.That((traffic.Reporting, traffic.Missing), Is.EqualTo((1, 2)));
        Assert.That(traffic.Localities.Single().Counts.Issued, Is.EqualTo(10));
    }

    [Test]
    public void Traffic_NothingCompleted_HasNoErrorRatio()
    {
        var loads = new LoadScenario();
        loads.Open(1, "a");
        loads.Report(1, Of(Cluster, At(Here, (Endpoint, 0, 3))));

        var locality = loads.Table.Traffic(Cluster, 1, Interval, loads.Now).Localities.Single();

        Assert.That((locality.SharePpm, locality.ErrorPpm), Is.EqualTo((0, (int?)null)));
    }

    [Test]
    public void Newest_ManyRows_AreSortedAndLimited()
    {
        var loads = new LoadScenario();
        loads.Open(1, "b");
        loads.Open(2, "a");
        loads.Report(1, Of(Cluster, At(There, ("2", 1, 0), ("1", 1, 0)), At(Here, ("3", 1, 0))), Of("empty"));
        loads.ReportNow(2, Of("other", At(Here, ("9", 1, 0))));

        var (all, none) = loads.Table.Newest(null, 100, loads.Now);
        var (some, left) = loads.Table.Newest(Cluster, 2, loads.Now);

        using (Assert.EnterMultipleScope())
        {
            Assert.That(none, Is.Zero);
            Assert.That(
                all.Select(static r => $"{r.Node} {r.Cluster} {r.Locality.Zone} {r.Endpoint}"),
                Is.EqualTo(new[]
                {
                    "a other here ",
                    "a other here 9",
                    "b payments here ",
                    "b payments here 3",
                    "b payments there ",
                    "b payments there 1",
                    "b payments there 2",
                }));
            Assert.That(some.Select(static r => r.Endpoint), Is.EqualTo(new[] { "", "3" }));
            Assert.That(left, Is.EqualTo(3));
        }
    }

    [Test]
    public void OnReport_MoreRowsThanTheLimit_AreCountedAndProveNothing()
    {
        var loads = new LoadScenario(new LoadTableOptions { RowLimit = 100 });
        loads.Open(1, "a");
        var many = Enumerable.Range(0, 60).Select(static i => ($"10.0.0.{i}:80", 1L, 0L)).ToArray();
        loads.Report(1, Of(Cluster, At(Here, (Endpoint, 0, 0))), Of("large", At(Here, many)));
        loads.Report(1, Of(Cluster, At(Here, many)));

        using (Assert.EnterMultipleScope())
        {
            Assert.That(loads.Table.Rows, Is.LessThanOrEqualTo(100));
            Assert.That(loads.Table.Counters.OverflowedRows, Is.EqualTo(2 * 62));
            Assert.That(loads.StateOf("a"), Is.EqualTo(ProxyDrainState.Unattributed), "known, without room now");
            Assert.That(loads.Table.Traffic(Cluster, 1, Interval, loads.Now).Missing, Is.EqualTo(1));
            Assert.That(loads.Table.Newest("large", 10, loads.Now).Rows, Is.Empty);
        }
    }

    [Test]
    public void OnReport_ManyClustersWithoutRoom_AreNotTakenForClustersThatAreNotThere()
    {
        var loads = new LoadScenario(new LoadTableOptions { RowLimit = 20 });
        loads.Open(1, "a");
        for (var i = 0; i < 3; i++)
            loads.Report(1, [.. Enumerable.Range(0, 1_000).Select(static c => Of($"c{c:0000}")), Of(Cluster)]);

        Assert.That(loads.StateOf("a"), Is.EqualTo(ProxyDrainState.Unattributed));
        Assert.That(loads.Table.Rows, Is.LessThanOrEqualTo(20));
    }

    [Test]
    public void OnReport_ForManyPeriods_KeepsTheLastOnes()
    {
        var loads = new LoadScenario(new LoadTableOptions { Periods = 3 });
        loads.Open(1, "a");
        for (var i = 0; i < 100; i++)
            loads.Report(1, Of(Cluster, Completed(Here, 1, 1, 0)));

        var traffic = loads.Table.Traffic(Cluster, 50, Interval, loads.Now);
        Assert.That(traffic.Localities.Single().Counts.Issued, Is.EqualTo(3));
        Assert.That(loads.Table.Rows, Is.EqualTo(3 * 2));
    }

    [Test]
    public void OnStreamClosed_ItsRows_Go()
    {
        var loads = new LoadScenario();
        loads.Open(1, "a");
        loads.Report(1, Of(Cluster, At(Here, (Endpoint, 1, 1))));
        Assert.That(loads.Table.Rows, Is.EqualTo(4), "cluster, locality, endpoint, and the endpoint on its own");

        loads.Close(1);

        Assert.That(loads.Table.Rows, Is.Zero);
        Assert.That(loads.Table.Newest(null, 10, loads.Now).Rows, Is.Empty);
    }

    [Test]
    public void OnReport_ClusterNoLongerNamed_IsForgottenAfterTheGrace()
    {
        var loads = new LoadScenario();
        loads.Open(1, "a");
        loads.Report(1, Of(Cluster, At(Here, (Endpoint, 1, 1))));
        for (var passed = TimeSpan.Zero; passed <= loads.Options.DepartureGrace; passed += Interval)
            loads.Report(1);

        Assert.That(loads.Table.Rows, Is.Zero);
    }

    [Test]
    public void OnReport_ClusterTwiceInOneReport_CountsOnce()
    {
        var loads = new LoadScenario();
        loads.Open(1, "a");
        loads.Report(1, Of(Cluster, Completed(Here, 1, 1, 0)), Of(Cluster, Completed(Here, 5, 5, 0)));

        Assert.That(loads.Table.Counters.RepeatedClusters, Is.EqualTo(1));
        var traffic = loads.Table.Traffic(Cluster, 9, Interval, loads.Now);
        Assert.That(traffic.Localities.Single().Counts.Issued, Is.EqualTo(1));
    }

    [Test]
    public void OnStreamOpened_BeyondTheLimit_IsCountedAndNothingIsDrainedMeanwhile()
    {
        var loads = new LoadScenario(new LoadTableOptions { StreamLimit = 1 });
        loads.Open(1, "a");
        loads.Open(2, "b");
        loads.Report(1, Of(Cluster));
        loads.ReportNow(2, Of(Cluster));
        loads.Close(2);

        Assert.That(loads.Ask().Gaps, Is.EqualTo(new[] { DrainGap.BeyondLimit }));
        Assert.That(
            (loads.Table.Counters.RefusedStreams, loads.Table.Counters.StrayReports), Is.EqualTo((1L, 1L)));
        loads.Pass(loads.Options.DepartureGrace);
        loads.Report(1, Of(Cluster));
        Assert.That(loads.Ask().Verdict, Is.EqualTo(DrainVerdict.Drained));
    }

    [Test]
    public void OnProxyDisconnected_MoreThanTheLimitGoAtOnce_NothingIsDrainedMeanwhile()
    {
        var loads = new LoadScenario(new LoadTableOptions { StreamLimit = 2 });
        foreach (var node in (string[])["a", "b", "c"])
            loads.Table.OnProxyConnected(node);
        foreach (var node in (string[])["a", "b", "c"])
            loads.Table.OnProxyDisconnected(node, loads.Now);

        Assert.That(loads.Ask().Gaps, Does.Contain(DrainGap.BeyondLimit));
        Assert.That(loads.Ask().Proxies, Has.Length.EqualTo(2));
    }

    private static LocalityLoad Completed(LocalityName locality, long issued, long successful, long errors) =>
        new(locality, 0, new LoadCounts(issued, 1, successful, errors), []);
}
