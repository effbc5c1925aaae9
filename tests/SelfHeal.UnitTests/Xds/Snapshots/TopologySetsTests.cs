using SelfHeal.Core.Topology;
using static SelfHeal.UnitTests.Xds.Snapshots.TopologySample;

namespace SelfHeal.UnitTests.Xds.Snapshots;

/// <summary>Versions that are compared although no overlay can be laid over them.</summary>
public sealed class TopologySetsTests
{
    private const string Canary = "prefix: /, headers: [{name: x-canary, present_match: true}]";
    private static readonly (string Cluster, int Weight)[] Shares = [("pay-v1", 90), ("pay-v2", 10)];

    [Test]
    public void Read_WeightedRouteInAListener_IsASetAndNoSplit()
    {
        var topology = Read(
            Cluster("pay-v1"),
            Cluster("pay-v2"),
            Listener("edge", $"route_config: {{{Configuration("own", Weighted("prefix: /", Shares))}}}"));

        using (Assert.EnterMultipleScope())
        {
            Assert.That(topology.Splits, Is.Empty, "there is no RDS resource to write to");
            Assert.That(topology.Sets.Select(Line), Is.EqualTo(new[] { "pay InlineRoute v1=pay-v1 v2=pay-v2" }));
            Assert.That(topology.Sets[0].Where, Is.EqualTo("listener edge, virtual host shop, route #0"));
            Assert.That(topology.Sets[0].Versions.Select(static v => v.Weight), Is.EqualTo(new[] { 90u, 10u }));
            Assert.That(
                ServiceScope.From(topology).Select(Line), Is.EqualTo(new[] { "pay 0 v1=pay-v1:90 v2=pay-v2:10" }));
        }
    }

    [Test]
    public void Read_WeightedRouteInScopedRoutes_IsASet()
    {
        var routes = Configuration("own", Weighted("prefix: /", Shares));
        var scoped = $"scoped_routes: {{name: s, scope_key_builder: {{fragments: [{{header_value_extractor: {{name: a, "
            + "index: 0}}]}, scoped_route_configurations_list: {scoped_route_configurations: [{name: one, "
            + $"key: {{fragments: [{{string_key: a}}]}}, route_configuration: {{{routes}}}}}]}}}}";

        using (Assert.EnterMultipleScope())
        {
            Assert.That(
                Read(Listener("edge", scoped)).Sets.Select(static set => (Line(set), set.Where)),
                Is.EqualTo(new[]
                {
                    ("pay ScopedRoute v1=pay-v1 v2=pay-v2",
                        "listener edge, scope one, virtual host shop, route #0"),
                }));
            Assert.That(
                Read(Scope("one", $"route_configuration: {{{routes}}}")).Sets.Select(static set => set.Where),
                Is.EqualTo(new[] { "scoped routes one, virtual host shop, route #0" }));
        }
    }

    [Test]
    public void Read_ScopeThatNamesAnRdsResource_LeavesTheSplitWritable()
    {
        var topology = Read(
            Scope("one", "route_configuration_name: r"), Routes("r", Weighted("prefix: /", Shares)));

        using (Assert.EnterMultipleScope())
        {
            Assert.That(topology.Splits.Single().RouteConfiguration, Is.EqualTo("r"));
            Assert.That(topology.Sets, Is.Empty);
        }
    }

    [Test]
    public void Read_VirtualHostOfItsOwnAndTcpProxy_AreSets() => Assert.That(
        Read(Host("r/shop", Weighted("prefix: /", Shares)), TcpListener("tcp", ("db-blue", 1), ("db-green", 1)))
            .Sets.Select(Line),
        Is.EqualTo(new[]
        {
            "db TcpProxy blue=db-blue green=db-green",
            "pay VirtualHost v1=pay-v1 v2=pay-v2",
        }));

    [TestCase("pay-v1", "pay-v2", "pay", "v1=pay-v1 v2=pay-v2")]
    [TestCase("pay_v1_eu", "pay_v2_eu", "pay_eu", "v1=pay_v1_eu v2=pay_v2_eu")]
    [TestCase("pay-stable", "pay-canary", "pay", "canary=pay-canary stable=pay-stable")]
    [TestCase("pay", "pay-canary", "pay", "pay=pay canary=pay-canary")]
    [TestCase("outbound|80|v1|pay.shop", "outbound|80|v2|pay.shop", "pay.shop",
        "v1=outbound|80|v1|pay.shop v2=outbound|80|v2|pay.shop")]
    public void Read_CanaryByHeader_IsASetWithoutShares(string stable, string canary, string service, string versions)
    {
        var topology = Read(Routes("r", To(Canary, canary), To("prefix: /", stable)));

        using (Assert.EnterMultipleScope())
        {
            Assert.That(topology.Splits, Is.Empty, "nothing shifts what a header decides");
            Assert.That(
                topology.Sets.Select(Line), Is.EqualTo(new[] { $"{service} RouteCondition {versions}" }));
            Assert.That(topology.Sets[0].Versions.Select(static v => v.Weight), Is.All.Zero);
        }
    }

    [TestCase("prefix: /v1", "pay-v1", "prefix: /v2", "pay-v2", TestName = "other paths")]
    [TestCase("prefix: /, grpc: {}", "pay-v1", "prefix: /", "pay-v2", TestName = "another kind of request")]
    [TestCase("path: /", "pay-v1", "prefix: /", "pay-v2", TestName = "another match of the path")]
    [TestCase("prefix: /", "pay-v1", Canary, "orders-v2", TestName = "other services")]
    [TestCase("prefix: /", "pay-a", Canary, "pay-b", TestName = "no word of a version")]
    [TestCase("prefix: /", "pay-v1-eu", Canary, "pay-v2-us", TestName = "another tail")]
    [TestCase("prefix: /", "pay-v1", Canary, "pay-v1", TestName = "one cluster")]
    [TestCase("prefix: /", "outbound|80|v1|pay", Canary, "outbound|80|v2|orders", TestName = "other hosts")]
    public void Read_RoutesThatDiffer_AreNoVersions(string match, string one, string other, string two) =>
        Assert.That(Read(Routes("r", To(other, two), To(match, one))).Sets, Is.Empty);

    [Test]
    public void Read_RuntimeFraction_IsACondition() => Assert.That(
        Read(Routes(
                "r",
                To("prefix: /, runtime_fraction: {default_value: {numerator: 5}}", "pay-v2"),
                To("prefix: /", "pay-v1")))
            .Sets.Select(Line),
        Is.EqualTo(new[] { "pay RouteCondition v1=pay-v1 v2=pay-v2" }));

    [Test]
    public void Read_CanaryBesideASplit_IsAVersionOfItAndItsSibling()
    {
        var topology = Read(
            Routes("r", To(Canary, "pay-v3"), Weighted("prefix: /", Shares)), Cluster("pay-v1"), Cluster("pay-v3"));
        var scope = ServiceScope.From(topology).Single();

        using (Assert.EnterMultipleScope())
        {
            Assert.That(Line(scope), Is.EqualTo("pay 1 v1=pay-v1:90 v2=pay-v2:10 v3=pay-v3:0"));
            Assert.That(scope.Shared.Select(static v => v.Version), Is.EqualTo(new[] { "v1", "v2" }));
            Assert.That(
                topology.SiblingGroups().Select(static s => string.Join(' ', s.Select(static v => v.Cluster))),
                Is.EqualTo(new[] { "pay-v1 pay-v2", "pay-v1 pay-v2 pay-v3" }));
        }
    }

    [Test]
    public void Read_CanaryThatTheSplitHoldsAlready_AddsNothing() => Assert.That(
        Read(Routes("r", To(Canary, "pay-v2"), Weighted("prefix: /", Shares))).Sets, Is.Empty);

    [Test]
    public void Read_Mirror_IsNoVersion()
    {
        const string Mirror = "request_mirror_policies: [{cluster: \"outbound|80|v2|pay\"}]";
        var topology = Read(
            Cluster("outbound|80|v1|pay"),
            Cluster("outbound|80|v2|pay"),
            Routes("r", To("prefix: /", "outbound|80|v1|pay", Mirror)));

        using (Assert.EnterMultipleScope())
        {
            Assert.That(topology.SiblingGroups(), Is.Empty);
            Assert.That(ServiceScope.From(topology).Select(Line), Is.EqualTo(new[]
            {
                "outbound|80|v2|pay 0 outbound|80|v2|pay=outbound|80|v2|pay:100",
                "pay 0 v1=outbound|80|v1|pay:0",
            }));
        }
    }

    [Test]
    public void Read_OrderOfResources_DoesNotMatter()
    {
        string[] resources =
        [
            Cluster("outbound|80|v2|pay"), Cluster("outbound|80|v1|pay"), Cluster("b"), Cluster("a"),
            Routes("s", Weighted("prefix: /", ("b-blue", 1), ("b-green", 1))),
            Routes("r", To(Canary, "a-v3"), Weighted("prefix: /", ("a-v1", 1), ("a-v2", 1))),
            TcpListener("y", ("c-1", 1), ("c-2", 1)),
            TcpListener("x", ("d-1", 1), ("d-2", 1)),
        ];

        Assert.That(Lines(Read([.. resources.Reverse()])), Is.EqualTo(Lines(Read(resources))));

        static string[] Lines(GatewayTopology topology) =>
        [
            .. topology.Clusters, .. topology.Sets.Select(Line), .. ServiceScope.From(topology).Select(Line),
            .. topology.Splits.Select(static split => split.ToString()),
        ];
    }
}
