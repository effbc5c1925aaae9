using System.Collections.Immutable;
using Envoy.Config.Cluster.V3;
using Envoy.Config.Endpoint.V3;
using Envoy.Config.Route.V3;
using SelfHeal.Core.Remediation;
using SelfHeal.Xds.Overlays;
using SelfHeal.Xds.Resources;
using static SelfHeal.UnitTests.Xds.Overlays.TestOverlays;
using static SelfHeal.UnitTests.Xds.TestResources;

namespace SelfHeal.UnitTests.Xds.Overlays;

/// <summary>The source wins as soon as it says something else of what an overlay sets, and not for anything less.
/// </summary>
internal sealed class OverlayBasisTests
{
    [Test]
    public void OfSplit_AnyOrder_IsTheSameText()
    {
        Assert.That(OverlayBasis.OfSplit([("b", 2), ("a", 1), ("b", 1)]), Is.EqualTo("a=1, b=1, b=2"));
        Assert.That(OverlayBasis.OfSplit([("b", 1), ("b", 2), ("a", 1)]), Is.EqualTo("a=1, b=1, b=2"));
        Assert.That(OverlayBasis.OfSplit([]), Is.Empty);
    }

    [Test]
    public void Apply_FirstTime_TellsTheBasisThatTheLedgerTells()
    {
        var result = Apply(Split("r", ("b", 10), ("a", 90)), OnRoute, null);

        Assert.That(result.Bases[OnRoute.Id], Is.EqualTo(OverlayBasis.OfSplit([("a", 90), ("b", 10)])));
    }

    [Test]
    public void Apply_SourceSaysSomethingElse_IsLeftOutAndSaysWhy()
    {
        var bases = OverlayBasis.None.Add(OnRoute.Id, "a=90, b=10");

        var result = Apply(Split("r", ("a", 80), ("b", 20)), OnRoute, bases);

        var error = result.Errors.Single();
        Assert.That(result.Laid, Is.Empty);
        Assert.That(error.IsSourceChanged);
        Assert.That(error.Message, Is.EqualTo(
            "the source said 'a=90, b=10' when it was laid and says 'a=80, b=20' now: the source wins"));
    }

    [Test]
    public void Apply_SeveralOnOneResource_EachHasTheSourcesOwnBasis()
    {
        var first = Weights("o1", "r", "shop", "#0", ("a", 1));
        var second = Weights("o2", "r", "shop", "#0", ("b", 2));
        var source = Snapshot(Cluster("a"), Endpoints("a"), Cluster("b"), Endpoints("b"),
            Split("r", ("a", 90), ("b", 10)));

        var laid = OverlayTranslator.Apply(source, TypeUrl.RouteConfiguration, "r", [second, first]);
        var again = OverlayTranslator.Apply(
            source, TypeUrl.RouteConfiguration, "r", [second, first], laid.Bases);

        Assert.That(laid.Bases.Values, Is.All.EqualTo("a=90, b=10"), "what another has laid is not the source's word");
        Assert.That(again.Errors, Is.Empty);
        Assert.That(again.Laid, Has.Length.EqualTo(2));
    }

    /// <summary>Every kind of overlay: the same basis where the resource changed elsewhere, another where the source
    /// set what it sets.</summary>
    [TestCaseSource(nameof(Kinds))]
    public void Apply_EveryKind_BasisIsOfWhatItSets(
        Overlay overlay, XdsResource before, XdsResource elsewhere, XdsResource set)
    {
        var basis = Apply(before, overlay, null).Bases[overlay.Id];

        Assert.That(Apply(elsewhere, overlay, null).Bases[overlay.Id], Is.EqualTo(basis));
        Assert.That(Apply(set, overlay, null).Bases[overlay.Id], Is.Not.EqualTo(basis));
    }

    private static Overlay OnRoute { get; } = Weights("o", "r", "shop", "#0", ("a", 1));

    private static IEnumerable<TestCaseData> Kinds()
    {
        var split = Split("r", ("a", 90), ("b", 10));
        yield return Case("weights",
            OnRoute,
            split,
            Edit<RouteConfiguration>(split, static r => r.InternalOnlyHeaders.Add("x")),
            Split("r", ("a", 9), ("b", 1)));
        yield return Case("retries",
            Retry("o", "r", "shop", "#0", new RetryLimits { Retries = 1 }),
            Retried(3),
            Edit<RouteConfiguration>(Retried(3), static r => r.InternalOnlyHeaders.Add("x")),
            Retried(4));
        yield return Case("outliers",
            Outliers("o", "a", new OutlierSettings { Consecutive5xx = 2 }),
            Cluster("a"),
            Cluster("a", 2),
            Edit<Cluster>(Cluster("a"), static c => c.OutlierDetection = new OutlierDetection { Consecutive5Xx = 9 }));
        yield return Case("breakers",
            Breakers("o", "a", new BreakerSettings { MaxRequests = 2 }),
            Cluster("a"),
            Cluster("a", 2),
            Edit<Cluster>(Cluster("a"), static c => c.CircuitBreakers = new CircuitBreakers
            {
                Thresholds = { new CircuitBreakers.Types.Thresholds { MaxRequests = 9 } },
            }));
        yield return Case("endpoint weights",
            EndpointWeights("o", "a", ("127.0.0.1:8001", 3)),
            Endpoints("a"),
            Edit<ClusterLoadAssignment>(Endpoints("a"), static a => a.Policy = new() { OverprovisioningFactor = 150 }),
            Edit<ClusterLoadAssignment>(
                Endpoints("a"), static a => a.Endpoints[0].LbEndpoints[0].LoadBalancingWeight = 7));
        yield return Case("endpoint health",
            EndpointHealth("o", "a", ("127.0.0.1:8001", EndpointHealthStatus.Unhealthy)),
            Endpoints("a"),
            Edit<ClusterLoadAssignment>(Endpoints("a"), static a => a.Policy = new() { OverprovisioningFactor = 150 }),
            Edit<ClusterLoadAssignment>(Endpoints("a"), static a => a.Endpoints[0].LbEndpoints[0].HealthStatus =
                Envoy.Config.Core.V3.HealthStatus.Draining));
    }

    private static TestCaseData Case(
        string name, Overlay overlay, XdsResource before, XdsResource elsewhere, XdsResource set) =>
        new TestCaseData(overlay, before, elsewhere, set).SetArgDisplayNames(name);

    private static XdsResource Retried(uint retries) => Edit<RouteConfiguration>(
        Split("r", ("a", 90), ("b", 10)),
        r => r.VirtualHosts[0].Routes[0].Route_.RetryPolicy = new RetryPolicy
        {
            NumRetries = retries,
            RetryOn = "5xx",
        });

    private static XdsResource Edit<T>(XdsResource resource, Action<T> edit)
        where T : class, Google.Protobuf.IMessage
    {
        var message = resource.Decode() as T ?? throw new AssertionException("another type");
        edit(message);
        return XdsResource.FromMessage(message);
    }

    private static OverlayResult Apply(
        XdsResource resource, Overlay overlay, ImmutableDictionary<string, string>? bases)
    {
        XdsResource[] others = [Cluster("a"), Endpoints("a"), Cluster("b"), Endpoints("b")];
        var source = Snapshot(
            [.. others.Where(each => (each.TypeUrl, each.Name) != (resource.TypeUrl, resource.Name)), resource]);
        var result = OverlayTranslator.Apply(source, resource.TypeUrl, resource.Name, [overlay], bases);
        Assert.That(bases is not null || result.Errors.IsEmpty, string.Join("; ", result.Errors));
        return result;
    }
}
