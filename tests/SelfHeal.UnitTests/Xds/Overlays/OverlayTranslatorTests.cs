using System.Collections.Immutable;
using Envoy.Config.Cluster.V3;
using Envoy.Config.Core.V3;
using Envoy.Config.Endpoint.V3;
using Envoy.Config.Route.V3;
using Google.Protobuf.WellKnownTypes;
using SelfHeal.Core.Remediation;
using SelfHeal.Xds.Overlays;
using SelfHeal.Xds.Resources;
using SelfHeal.Xds.Snapshots;
using static SelfHeal.UnitTests.Xds.Overlays.TestOverlays;
using static SelfHeal.UnitTests.Xds.TestResources;
using RetryPolicy = Envoy.Config.Route.V3.RetryPolicy;

namespace SelfHeal.UnitTests.Xds.Overlays;

internal sealed class OverlayTranslatorTests
{
    private static readonly XdsResource Base = Split("r", ("a", 90), ("b", 10));

    [Test]
    public void Apply_NothingSelects_IsTheSameInstance()
    {
        Assert.That(Lay(Base, Weights("o", "other", "shop", "#0", ("a", 1))).Resource, Is.SameAs(Base));
        Assert.That(Lay(Base).Resource, Is.SameAs(Base));
        Assert.That(Lay(Base, EndpointWeights("o", "r", ("127.0.0.1:1", 1))).Resource, Is.SameAs(Base));
    }

    [Test]
    public void Apply_NothingChanges_IsTheSameInstanceAndLaid()
    {
        var result = Lay(Base, Weights("o", "r", "shop", "#0", ("a", 90), ("b", 10)));
        Assert.That(result.Resource, Is.SameAs(Base));
        Assert.That(result.Laid, Has.Length.EqualTo(1));
    }

    [Test]
    public void Apply_OneUndoesTheOther_IsTheSameInstance()
    {
        var result = Lay(
            Base, Weights("o1", "r", "shop", "#0", ("a", 1)), Weights("o2", "r", "shop", "#0", ("a", 90)));
        Assert.That(result.Resource, Is.SameAs(Base));
    }

    [Test]
    public void Apply_Several_ComposeInTheOrderOfTheirIds()
    {
        var result = Lay(
            Base, Weights("o2", "r", "shop", "#0", ("a", 2)), Weights("o1", "r", "shop", "#0", ("a", 1), ("b", 5)));
        Assert.That(result.Resource?.ContentHash, Is.EqualTo(Split("r", ("a", 2), ("b", 5)).ContentHash));
        Assert.That(result.Laid.Select(static o => o.Id), Is.EqualTo(new[] { "o1", "o2" }));
    }

    [TestCase("other", "#0", "a", 1u, "no virtual host 'other'; expected 'shop'")]
    [TestCase("shop", "#1", "a", 1u, "no route '#1' in virtual host 'shop'; expected '#0'")]
    [TestCase("shop", "#0", "c", 1u, "no cluster 'c'; expected one of 'a', 'b'")]
    [TestCase("shop", "#0", "a", uint.MaxValue, "outside of [1, 4294967295]")]
    public void Apply_WrongWeights_AreToldAndLeftOut(
        string host, string route, string cluster, uint weight, string message)
    {
        var result = Lay(Base, Weights("o", "r", host, route, (cluster, weight)));
        Assert.That(result.Errors.Single().Message, Does.Contain(message));
        Assert.That(result.Resource, Is.SameAs(Base));
        Assert.That(result.Laid, Is.Empty);
    }

    [Test]
    public void Apply_SeveralFaults_AreAllTold()
    {
        var message = Refusal(Base, Weights("o", "r", "shop", "#0", ("a", 0), ("b", 0), ("c", 1), ("d", 1)));
        Assert.That(message, Does.Contain("would be 0").And.Contain("'c'").And.Contain("'d'"));
    }

    [Test]
    public void Apply_RefusedAmongOthers_TheOthersStay()
    {
        var result = Lay(
            Base,
            Weights("o1", "r", "shop", "#0", ("a", 1)),
            Weights("o2", "r", "shop", "#0", ("a", 0), ("c", 3)),
            Weights("o3", "r", "shop", "#0", ("b", 2)));
        Assert.That(result.Resource?.ContentHash, Is.EqualTo(Split("r", ("a", 1), ("b", 2)).ContentHash));
        Assert.That(result.Errors.Single().OverlayId, Is.EqualTo("o2"));
    }

    [Test]
    public void Apply_RouteOfAPlugin_IsRefusedByTheNameOfItsType()
    {
        var plugin = new Any { TypeUrl = "type.googleapis.com/private.Split" };
        var message = Refusal(
            RouteOf(new RouteAction
            {
                InlineClusterSpecifierPlugin = new ClusterSpecifierPlugin
                {
                    Extension = new TypedExtensionConfig { Name = "p", TypedConfig = plugin },
                },
            }),
            Weights("o", "r", "shop", "#0", ("a", 1)));
        Assert.That(message, Does.Contain("private.Split").And.Contain("expected weighted_clusters"));
    }

    [Test]
    public void Apply_RetryPolicyOfAPrivateType_IsRefusedByTheNameOfItsType()
    {
        var typed = new Any { TypeUrl = "type.googleapis.com/private.Retry" };
        var overlay = Retry("o", "r", "shop", "#0", new RetryLimits { Retries = 0 });
        Assert.That(
            Refusal(RouteOf(new RouteAction { Cluster = "a", RetryPolicyTypedConfig = typed }), overlay),
            Does.Contain("private.Retry").And.Contain("expected retry_policy"));
        Assert.That(Refusal(Base, overlay), Is.EqualTo("route '#0' has no retry policy that could be lowered"));
    }

    [Test]
    public void Apply_BytesOfNoKnownMessage_AreRefused()
    {
        var broken = XdsResource.FromBytes(TypeUrl.RouteConfiguration, "r", [0xff]);
        var result = Lay(broken, Weights("o", "r", "shop", "#0", ("a", 1)));
        Assert.That(result.Resource, Is.SameAs(broken));
        Assert.That(result.Errors.Single().Message, Does.Contain("not a message that this API knows"));
    }

    [Test]
    public void Apply_NoSuchResource_IsToldWithThoseThatThereAre()
    {
        var result = OverlayTranslator.Apply(
            Snapshot(Cluster("a"), Endpoints("a")),
            TypeUrl.ClusterLoadAssignment,
            "b",
            [EndpointWeights("o", "b", ("127.0.0.1:1", 1))]);
        Assert.That(result.Resource, Is.Null);
        Assert.That(
            result.Errors.Single().ToString(),
            Is.EqualTo("envoy.config.endpoint.v3.ClusterLoadAssignment 'b': there is no ClusterLoadAssignment 'b'; "
                + "expected 'a'"));
    }

    [Test]
    public void Apply_EndpointsWithinTheCluster_SayWhereTheyAre()
    {
        var cluster = XdsResource.FromMessage(new Cluster
        {
            Name = "dns",
            Type = Envoy.Config.Cluster.V3.Cluster.Types.DiscoveryType.StrictDns,
            ConnectTimeout = Duration.FromTimeSpan(TimeSpan.FromSeconds(1)),
            LoadAssignment = new ClusterLoadAssignment { ClusterName = "dns" },
        });
        var result = OverlayTranslator.Apply(
            Snapshot(cluster),
            TypeUrl.ClusterLoadAssignment,
            "dns",
            [EndpointHealth("o", "dns", ("127.0.0.1:1", EndpointHealthStatus.Draining))]);
        Assert.That(
            result.Errors.Single().Message,
            Does.Contain("takes its endpoints from elsewhere (type StrictDns)").And.Contain("expected EDS"));
    }

    [TestCase(4u, null, null, null, "retries may only go down: 4 is more than 3, expected [0, 3]")]
    [TestCase(null, "5xx,gateway-error", null, null, "'gateway-error' is not one of the policy's")]
    [TestCase(null, null, 503u, null, "503 is not one of the policy's; expected '409'")]
    [TestCase(null, null, null, 2500, "per_try_timeout may only go down: 2.5 s is more than 2 s")]
    [TestCase(null, null, null, 0, "per_try_timeout is 0 s, outside of [0.001 s, 31536000 s]")]
    [TestCase(null, null, null, null, "sets nothing")]
    public void Apply_RetriesUpwards_AreRefused(
        uint? retries, string? conditions, uint? code, int? timeoutMillis, string message)
    {
        var policy = new RetryPolicy
        {
            RetryOn = "5xx, reset",
            NumRetries = 3,
            RetriableStatusCodes = { 409 },
            PerTryTimeout = Duration.FromTimeSpan(TimeSpan.FromSeconds(2)),
        };
        var limits = new RetryLimits
        {
            Retries = retries,
            Conditions = conditions?.Split(',').ToImmutableArray(),
            StatusCodes = code is { } one ? [one] : null,
            PerTryTimeout = timeoutMillis is { } millis ? TimeSpan.FromMilliseconds(millis) : null,
        };
        var route = RouteOf(new RouteAction { Cluster = "a", RetryPolicy = policy });
        Assert.That(Refusal(route, Retry("o", "r", "shop", "#0", limits)), Does.Contain(message));
    }

    [Test]
    public void Apply_RetriesWithoutNumber_CountAsTheOneThatEnvoyTakes()
    {
        var route = RouteOf(new RouteAction { Cluster = "a", RetryPolicy = new RetryPolicy { RetryOn = "5xx" } });
        Assert.That(
            Refusal(route, Retry("o", "r", "shop", "#0", new RetryLimits { Retries = 2 })),
            Does.Contain("2 is more than 1"));
        Assert.That(
            Lay(route, Retry("o", "r", "shop", "#0", new RetryLimits { Retries = 1 })).Resource, Is.SameAs(route));
    }

    [Test]
    public void Apply_RouteUnderItsHostsPolicy_PointsThere()
    {
        var host = new VirtualHost
        {
            Name = "shop",
            Domains = { "*" },
            RetryPolicy = new RetryPolicy { RetryOn = "5xx" },
            Routes =
            {
                new Route { Match = new RouteMatch { Prefix = "/" }, Route_ = new RouteAction { Cluster = "a" } },
            },
        };
        var route = XdsResource.FromMessage(new RouteConfiguration { Name = "r", VirtualHosts = { host } });
        Assert.That(
            Refusal(route, Retry("o", "r", "shop", "#0", new RetryLimits { Retries = 0 })),
            Does.Contain("that of virtual host 'shop' holds for it, expected an overlay on that"));
    }

    private static XdsResource RouteOf(RouteAction action) => XdsResource.FromMessage(new RouteConfiguration
    {
        Name = "r",
        VirtualHosts =
        {
            new VirtualHost
            {
                Name = "shop",
                Domains = { "*" },
                Routes = { new Route { Match = new RouteMatch { Prefix = "/" }, Route_ = action } },
            },
        },
    });

    private static string Refusal(XdsResource route, Overlay overlay)
    {
        var result = Lay(route, overlay);
        Assert.That(result.Resource, Is.SameAs(route));
        return result.Errors.Single().Message;
    }

    private static OverlayResult Lay(XdsResource route, params Overlay[] overlays) => OverlayTranslator.Apply(
        new ValidatedSnapshot(SelfHeal.Xds.Snapshots.Snapshot.Create([route])), route.TypeUrl, route.Name, overlays);
}
