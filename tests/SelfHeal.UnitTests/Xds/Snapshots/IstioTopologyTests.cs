using SelfHeal.Core.Topology;
using SelfHeal.UnitTests.Series;
using static SelfHeal.UnitTests.Xds.Snapshots.TopologySample;

namespace SelfHeal.UnitTests.Xds.Snapshots;

/// <summary>Every form of Istio's names, from the resource to the siblings.</summary>
public sealed class IstioTopologyTests
{
    private const string Host = "pay.shop.svc.cluster.local";

    [Test]
    public void Read_SubsetsOfOneHost_AreSiblingsAndTheWholeServiceIsNot()
    {
        var topology = Read(
            Cluster($"outbound|80||{Host}"), Cluster($"outbound|80|v2|{Host}"), Cluster($"outbound|80|v1|{Host}"));

        using (Assert.EnterMultipleScope())
        {
            Assert.That(Siblings(topology), Is.EqualTo(new[] { $"outbound|80|v1|{Host} outbound|80|v2|{Host}" }));
            Assert.That(ServiceScope.From(topology).Select(Line), Is.EqualTo(new[]
            {
                $"{Host} 0 v1=outbound|80|v1|{Host}:0 v2=outbound|80|v2|{Host}:0 all=outbound|80||{Host}:0",
            }));
        }
    }

    [Test]
    public void Read_TwoPortsAndServerNames_AreOneServiceAndSiblingsAmongThemselves()
    {
        string[] clusters =
        [
            $"outbound_.80_.v1_.{Host}", $"outbound_.80_.v2_.{Host}",
            $"outbound|80|v1|{Host}", $"outbound|80|v2|{Host}",
            $"outbound|81|v1|{Host}", $"outbound|81|v2|{Host}",
        ];
        var topology = Read([.. clusters.Select(static name => Cluster(name))]);
        var scope = ServiceScope.From(topology).Single();

        using (Assert.EnterMultipleScope())
        {
            Assert.That(Siblings(topology), Is.EquivalentTo(new[]
            {
                $"outbound_.80_.v1_.{Host} outbound_.80_.v2_.{Host}",
                $"outbound|80|v1|{Host} outbound|80|v2|{Host}",
                $"outbound|81|v1|{Host} outbound|81|v2|{Host}",
            }));
            Assert.That(scope.Service, Is.EqualTo(Host));
            Assert.That(scope.Versions.Select(static v => v.Cluster), Is.EquivalentTo(clusters));
            Assert.That(scope.Versions.Select(static v => v.Version), Is.Unique);
        }
    }

    [Test]
    public void Read_WeightedSubsets_AreTheSplitAndItsThirdSubsetASibling()
    {
        var topology = Read(
            Cluster($"outbound|80|v1|{Host}"),
            Cluster($"outbound|80|v2|{Host}"),
            Cluster($"outbound|80|v3|{Host}"),
            Cluster($"outbound|80||{Host}"),
            Routes("http", Weighted("prefix: /", ($"outbound|80|v1|{Host}", 90), ($"outbound|80|v2|{Host}", 10))));

        Assert.That(ServiceScope.From(topology).Select(Line), Is.EqualTo(new[]
        {
            $"{Host} 1 v1=outbound|80|v1|{Host}:90 v2=outbound|80|v2|{Host}:10 v3=outbound|80|v3|{Host}:0 "
                + $"all=outbound|80||{Host}:0",
        }));
    }

    [Test]
    public void Read_WeightsOverServicesOfTheirOwn_NamesThemByTheirHosts()
    {
        var split = Read(Routes("http", Weighted(
            "prefix: /",
            ("outbound|80||reviews-v1.shop.svc.cluster.local", 90),
            ("outbound|80||reviews-v2.shop.svc.cluster.local", 10)))).Splits.Single();

        using (Assert.EnterMultipleScope())
        {
            Assert.That(split.Service, Is.EqualTo("reviews.shop.svc.cluster.local"));
            Assert.That(split.Versions.Select(static v => v.Version), Is.EqualTo(new[] { "v1", "v2" }));
        }
    }

    [Test]
    public void Read_WeightsOverTheWholeAndASubset_AreTakenAsDeclared()
    {
        var split = Read(Routes(
            "http", Weighted("prefix: /", ($"outbound|80||{Host}", 90), ($"outbound|80|v2|{Host}", 10))))
            .Splits.Single();

        using (Assert.EnterMultipleScope())
        {
            Assert.That(split.Service, Is.EqualTo(Host));
            Assert.That(split.Versions.Select(static v => v.Version), Is.EqualTo(new[] { "all", "v2" }));
        }
    }

    [Test]
    public void Read_WaypointAndInbound_VersionsOfTheServiceAndNobodysSibling()
    {
        var topology = Read(
            Cluster("inbound|8080||"),
            Cluster("inbound-vip|80|http|pay.shop"),
            Cluster("inbound-vip|80|http/v1|pay.shop"),
            Cluster("inbound-vip|80|http/v2|pay.shop"));

        using (Assert.EnterMultipleScope())
        {
            Assert.That(
                Siblings(topology),
                Is.EqualTo(new[] { "inbound-vip|80|http/v1|pay.shop inbound-vip|80|http/v2|pay.shop" }));
            Assert.That(
                ServiceScope.From(topology).Select(static scope => scope.Service),
                Is.EqualTo(new[] { "inbound|8080||", "pay.shop" }));
        }
    }

    [Test]
    public void Read_AltStatName_IsWhereTheStatsOfTheClusterAreFound()
    {
        var topology = Read(
            Cluster($"outbound|80|v1|{Host}", $"alt_stat_name: \"outbound|80|v1|{Host};\""),
            Cluster($"outbound|80|v2|{Host}", "alt_stat_name: \"pay_v2;\""),
            Cluster("a:b"),
            Cluster("plain"));
        var fold = new FoldScenario();
        fold.Fold.TakeNames(topology.StatNames);
        fold.Open(1, "envoy");
        fold.Flush(
            1,
            ($"cluster.outbound|80|v1|{Host};.upstream_rq_completed", 1),
            ("cluster.pay_v2;.upstream_rq_completed", 1),
            ("cluster.a_b.upstream_rq_completed", 1),
            ("cluster.plain.upstream_rq_completed", 1));

        using (Assert.EnterMultipleScope())
        {
            Assert.That(topology.StatNames.Select(static name => name.Cluster), Has.No.Member("plain"));
            foreach (var cluster in topology.Clusters)
                Assert.That(fold.Fold.FindCluster(cluster), Is.GreaterThanOrEqualTo(0), cluster);
        }
    }

    private static string[] Siblings(GatewayTopology topology) =>
        [
            .. topology.SiblingGroups()
                .Select(static versions => string.Join(' ', versions.Select(static v => v.Cluster))),
        ];
}
