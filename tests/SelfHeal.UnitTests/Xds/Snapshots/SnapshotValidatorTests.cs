using Envoy.Config.Cluster.V3;
using Envoy.Config.Core.V3;
using Envoy.Config.Route.V3;
using Google.Protobuf.WellKnownTypes;
using SelfHeal.Xds.Resources;
using SelfHeal.Xds.Snapshots;
using static SelfHeal.UnitTests.Xds.TestResources;
using Snapshot = SelfHeal.Xds.Snapshots.Snapshot;

namespace SelfHeal.UnitTests.Xds.Snapshots;

public sealed class SnapshotValidatorTests
{
    [Test]
    public void Validate_MissingReferences_TellsEachWithItsField()
    {
        var errors = Errors(Cluster("a"), Listener("l", "no-route"), Route("r", "no-cluster"));
        Assert.That(errors.Select(error => $"{error.Resource} {error.Field} {error.Message}"), Is.EqualTo(new[]
        {
            "a eds_cluster_config there is no ClusterLoadAssignment 'a'",
            "l filter_chains[0].filters[0].typed_config.rds.route_config_name "
                + "there is no RouteConfiguration 'no-route'",
            "r virtual_hosts[0].routes[0].route.cluster there is no Cluster 'no-cluster'",
        }));
    }

    [Test]
    public void Validate_StaticClusterOrNoReferenceCheck_Passes()
    {
        var route = Snapshot.Create([Route("r", "bootstrap")]);
        var known = new SnapshotValidator(new SnapshotValidatorOptions { StaticClusters = ["bootstrap"] });
        var relay = new SnapshotValidator(new SnapshotValidatorOptions { CheckReferences = false });
        Assert.That(known.Validate(route).Errors, Is.Empty);
        Assert.That(relay.Validate(route).Errors, Is.Empty);
    }

    [Test]
    public void Validate_Duplicates_AreToldByName()
    {
        Assert.That(Errors(Endpoints("a"), Endpoints("a", 2)).Single().Message, Does.Contain("same name"));
    }

    [Test]
    public void Validate_DuplicateDomainsAndHosts_AreTold()
    {
        var route = new RouteConfiguration { Name = "r" };
        route.VirtualHosts.Add(new VirtualHost { Name = "h", Domains = { "A.example", "b.example" } });
        route.VirtualHosts.Add(new VirtualHost { Name = "h", Domains = { "a.EXAMPLE" } });
        Assert.That(Errors(XdsResource.FromMessage(route)).Select(error => error.Field), Is.EqualTo(new[]
        {
            "virtual_hosts[1].name", "virtual_hosts[1].domains[0]",
        }));
    }

    [TestCase(0u, 0u, false)]
    [TestCase(0u, 1u, true)]
    [TestCase(uint.MaxValue, 0u, true)]
    [TestCase(uint.MaxValue, 1u, false)]
    public void Validate_WeightSum_MustFitInto32Bits(uint first, uint second, bool valid)
    {
        var errors = Errors(
            Cluster("a"), Endpoints("a"), Cluster("b"), Endpoints("b"), Split("r", ("a", first), ("b", second)));
        Assert.That(errors.Select(error => error.Field), Is.EqualTo(
            valid ? Array.Empty<string>() : ["virtual_hosts[0].routes[0].route.weighted_clusters.clusters"]));
    }

    [Test]
    public void Validate_RulesOfTheApi_AreChecked()
    {
        var cluster = new Cluster
        {
            Name = "a",
            ConnectTimeout = Duration.FromTimeSpan(TimeSpan.Zero),
            LbPolicy = (Cluster.Types.LbPolicy)99,
            HealthChecks = { new HealthCheck { Timeout = Duration.FromTimeSpan(TimeSpan.FromSeconds(1)) } },
            CommonLbConfig = new Cluster.Types.CommonLbConfig
            {
                ConsistentHashingLbConfig = new() { HashBalanceFactor = 50 },
            },
        };
        var host = new VirtualHost { Routes = { new Route() } };
        var route = new RouteConfiguration { Name = "r", VirtualHosts = { host } };
        var fields = Errors(XdsResource.FromMessage(cluster), XdsResource.FromMessage(route))
            .Select(error => $"{error.Resource}.{error.Field}").ToArray();
        Assert.That(fields, Is.SupersetOf(new[]
        {
            "a.connect_timeout",
            "a.lb_policy",
            "a.health_checks[0].interval",
            "a.health_checks[0].unhealthy_threshold",
            "a.health_checks[0].health_checker",
            "a.common_lb_config.consistent_hashing_lb_config.hash_balance_factor",
            "r.virtual_hosts[0].name",
            "r.virtual_hosts[0].domains",
            "r.virtual_hosts[0].routes[0].match",
            "r.virtual_hosts[0].routes[0].action",
        }));
    }

    [Test]
    public void Validate_BrokenBytes_AreAnErrorAndOpaqueOnesAreNot()
    {
        Assert.That(
            Errors(XdsResource.FromBytes(TypeUrl.Cluster, "a", [0xff, 0xff])).Single().Message,
            Does.Contain("not a message"));
        Assert.That(Errors(XdsResource.FromBytes("type.googleapis.com/no.such.Type", "a", [0xff])), Is.Empty);
    }

    [Test]
    public void Locate_ErrorOfAParsedResource_PointsAtItsLine()
    {
        const string Text = """
            "@type": type.googleapis.com/envoy.config.route.v3.RouteConfiguration
            name: r
            virtual_hosts:
            - name: h
              domains: ["*"]
              routes:
              - match: { prefix: "/" }
                route:
                  cluster: nowhere
            """;
        var parsed = ResourceFileParser.Parse([new ResourceFile("r.yaml", Text)]);
        var error = Errors([.. parsed.Resources]).Single();
        Assert.That(
            parsed.Locations.Locate(error)?.ToString(),
            Is.EqualTo("r.yaml:9:7: virtual_hosts[0].routes[0].route.cluster: there is no Cluster 'nowhere'"));
    }

    [Test]
    public void Version_OrderOfResources_DoesNotMatter()
    {
        var one = Snapshot.Create([Cluster("a"), Cluster("b")]).Get(TypeUrl.Cluster).Version;
        Assert.That(Snapshot.Create([Cluster("b"), Cluster("a")]).Get(TypeUrl.Cluster).Version, Is.EqualTo(one));
        Assert.That(Snapshot.Create([Cluster("a"), Cluster("c")]).Get(TypeUrl.Cluster).Version, Is.Not.EqualTo(one));
    }

    [Test]
    public void ContentHash_Pinned_IsEqualOnEveryMachine() =>
        Assert.That(XdsResource.FromBytes("t/x", "n", [1, 2, 3]).ContentHash, Is.EqualTo("06aff22eb7e18f3d"));

    private static SnapshotError[] Errors(params XdsResource[] resources) =>
        [.. new SnapshotValidator().Validate(Snapshot.Create(resources)).Errors];
}
