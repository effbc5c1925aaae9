using SelfHeal.Core.Topology;
using SelfHeal.UnitTests.Series;

namespace SelfHeal.UnitTests.Topology;

public sealed class ServiceScopeTests
{
    private static readonly TrafficSplit Split =
        new("pay", "r", "shop", "#0", [new VersionShare("v1", "pay-v1", 90), new VersionShare("v2", "pay-v2", 10)]);

    [Test]
    public void From_ClusterNamedLikeAService_JoinsIt()
    {
        var scope = ServiceScope.From(new GatewayTopology([Split], ["pay", "pay-v1", "pay-v2"])).Single();

        using (Assert.EnterMultipleScope())
        {
            Assert.That(scope.Versions.Select(static v => v.Cluster), Is.EqualTo(new[] { "pay-v1", "pay-v2", "pay" }));
            Assert.That(scope.Versions[2].Weight, Is.Zero);
            Assert.That(scope.Shared, Is.EqualTo(Split.Versions));
        }
    }

    [Test]
    public void From_SetAboutAClusterOfASplit_JoinsTheSplitsService()
    {
        var topology = new GatewayTopology([Split], [])
        {
            Sets = [new VersionSet("shop", VersionSetOrigin.InlineRoute, "listener edge",
                [new VersionShare("pay-v2", "pay-v2", 5), new VersionShare("pay-v9", "pay-v9", 5)])],
        };

        var scope = ServiceScope.From(topology).Single();

        using (Assert.EnterMultipleScope())
        {
            Assert.That(scope.Service, Is.EqualTo("pay"));
            Assert.That(scope.Versions[^1], Is.EqualTo(new VersionShare("pay-v9", "pay-v9", 0)));
        }
    }

    [Test]
    public void From_ClusterTwiceInASplit_KeepsTheSplitAsItIs()
    {
        var twice = Split with { Versions = [.. Split.Versions, Split.Versions[1]] };

        Assert.That(ServiceScope.From(new GatewayTopology([twice], [])).Single().Versions, Is.EqualTo(twice.Versions));
    }

    [Test]
    public void IsBlind_GrpcWithoutTheFilter_UntilTheStatsProveTheContrary()
    {
        var topology = new GatewayTopology([Split], ["pay-v1", "pay-v2", "web"])
        {
            Grpc =
            [
                new GrpcCluster("pay-v1", GrpcSign.RouteMatch, HasGrpcStats: true, []),
                new GrpcCluster("pay-v2", GrpcSign.RouteMatch, HasGrpcStats: false, ["edge"]),
            ],
        };
        var scopes = ServiceScope.From(topology);
        var fold = new FoldScenario();
        fold.Open(1, "envoy");
        fold.Flush(1, ("cluster.pay-v2.upstream_rq_completed", 1));
        var before = scopes.Select(scope => scope.IsBlind(fold.Fold)).ToArray();
        fold.Pass(5);
        fold.Flush(1, ("cluster.pay-v2.upstream_rq_completed", 9), ("cluster.pay-v2.grpc.total", 8));

        using (Assert.EnterMultipleScope())
        {
            Assert.That(before, Is.EqualTo(new[] { true, false }));
            Assert.That(scopes[0].IsBlind(fold.Fold), Is.False);
        }
    }
}
