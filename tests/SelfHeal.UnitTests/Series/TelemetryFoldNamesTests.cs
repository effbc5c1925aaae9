using SelfHeal.Core.Series;
using SelfHeal.Core.Topology;

namespace SelfHeal.UnitTests.Series;

/// <summary>Clusters whose stats come under another name than their own.</summary>
public sealed class TelemetryFoldNamesTests
{
    private const string Cluster = "outbound|80|v2|pay.shop";

    [TestCase("outbound|80|v2|pay.shop;", TestName = "full names")]
    [TestCase("outbound|80|v2|pay.shop", TestName = "labels, by Istio's rules for tags")]
    public void Window_ByTheClustersName_FindsItsStats(string sent)
    {
        var scenario = new FoldScenario();
        scenario.Fold.TakeNames([ClusterIdentity.Of(Cluster, $"{Cluster};")]);
        Send(scenario, sent);

        Assert.That(scenario.Sum(Cluster, Stat.UpstreamRqCompleted), Is.EqualTo(4));
    }

    [Test]
    public void Window_AnotherClustersAlternative_IsNotTakenForIt()
    {
        var scenario = new FoldScenario();
        scenario.Fold.TakeNames([new ClusterIdentity("a", "b")]);
        Send(scenario, "a");

        Assert.That(scenario.Fold.FindCluster("a"), Is.EqualTo(-1), "the stats of a come under b");
    }

    [Test]
    public void OnClusters_AmbiguousNameOfAKnownCluster_IsTheClusters()
    {
        const string Ambiguous = "cluster.pay.internal.upstream_rq_5xx";
        var scenario = new FoldScenario();
        scenario.Open(1, "node");
        scenario.Flush(1, ("cluster.pay.upstream_rq_total", 1), (Ambiguous, 1));
        Assert.That(scenario.Fold.FindCluster("pay.internal"), Is.EqualTo(-1));
        scenario.Fold.OnClusters(["pay", "pay.internal", "late.internal"]);
        Assert.That(scenario.Fold.FindCluster("pay.internal"), Is.Not.EqualTo(-1));
        scenario.Pass(4.9);
        scenario.Flush(1, (Ambiguous, 5), ("cluster.late.internal.upstream_rq_5xx", 2));
        Assert.That(scenario.Sum("pay.internal", Stat.UpstreamRq5xx), Is.EqualTo(4));
        Assert.That(scenario.Sum("late.internal", Stat.UpstreamRq5xx), Is.EqualTo(2));
    }

    [Test]
    public void TakeNames_Anew_ForgetsTheOld()
    {
        var scenario = new FoldScenario();
        scenario.Fold.TakeNames([new ClusterIdentity("a", "b")]);
        scenario.Fold.TakeNames([]);
        Send(scenario, "a");

        Assert.That(scenario.Sum("a", Stat.UpstreamRqCompleted), Is.EqualTo(4));
    }

    private static void Send(FoldScenario scenario, string name)
    {
        scenario.Open(1, "envoy");
        scenario.Flush(1, ($"cluster.{name}.upstream_rq_completed", 1));
        scenario.Pass(5);
        scenario.Flush(1, ($"cluster.{name}.upstream_rq_completed", 5));
    }
}
