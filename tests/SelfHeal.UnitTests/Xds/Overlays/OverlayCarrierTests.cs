using Envoy.Config.Cluster.V3;
using Envoy.Config.Core.V3;
using Envoy.Config.Endpoint.V3;
using Envoy.Service.Runtime.V3;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using SelfHeal.Core.Remediation;
using SelfHeal.Xds.Overlays;
using SelfHeal.Xds.Resources;
using SelfHeal.Xds.Snapshots;
using static SelfHeal.UnitTests.Xds.Overlays.TestOverlays;
using Endpoint = Envoy.Config.Endpoint.V3.Endpoint;

namespace SelfHeal.UnitTests.Xds.Overlays;

/// <summary>What is refused on endpoints, runtime layers and clusters, and how it is told.</summary>
internal sealed class OverlayCarrierTests
{
    private const string A = "10.0.0.1:80";
    private const string B = "10.0.0.2:80";

    private static IEnumerable<TestCaseData> Refusals()
    {
        yield return Case(EndpointWeights("o", "c", ("10.9.9.9:80", 1)),
            "there is no endpoint '10.9.9.9:80'; expected one of '10.0.0.1:80', '10.0.0.2:80', '10.0.0.3:80'");
        yield return Case(EndpointWeights("o", "c", (A, 0)), "the weight of '10.0.0.1:80' is 0, outside of [1,");
        yield return Case(EndpointWeights("o", "c", (A, 1), (A, 2)), "'10.0.0.1:80' is named twice");
        yield return Case(EndpointWeights("o", "c", (A, uint.MaxValue)),
            "the sum of the weights in locality 'eu/a/' would be 4294967296, outside of [1, 4294967295]");
        yield return Case(EndpointWeights("o", "c"), "names no endpoint");
        yield return Case(EndpointHealth("o", "c", (A, (EndpointHealthStatus)9)),
            "9 is no health of an endpoint; expected one of Unknown, Healthy");
        yield return Case(EndpointHealth("o", "c"), "names no endpoint");
        yield return Case(LocalityWeights("o", "c", new LocalityWeight(Locality("eu", "x"), 1)),
            "there is no locality 'eu/x/'; expected one of 'eu/a/ at priority 0'");
        yield return Case(LocalityWeights("o", "c", new LocalityWeight(Locality("eu", "b"), 1)),
            "locality 'eu/b/' has 2 groups; expected one, chosen by its priority, which is 0 or 1");
        yield return Case(LocalityWeights("o", "c", new LocalityWeight(Locality("eu", "a"), 0)), "outside of [1,");
        yield return Case(
            LocalityWeights("o", "c", new LocalityWeight(Locality("eu", "a"), uint.MaxValue)),
            "the sum of the localities' weights at priority 0 would be 4294967300");
        yield return Case(LocalityPriorities("o", "c", new LocalityPriority(Locality("eu", "a"), 129)),
            "the priority of 'eu/a/' is 129, outside of [0, 128]");
        yield return Case(LocalityPriorities("o", "c", new LocalityPriority(Locality("eu", "b"), 3, Within: 1)),
            "no locality would have priority 1; expected priorities from 0 on with none left out");
        yield return Case(
            LocalityPriorities(
                "o",
                "c",
                new LocalityPriority(Locality("eu", "a"), 1),
                new LocalityPriority(Locality("eu", "a"), 0)),
            "locality 'eu/a/' is named twice");
        yield return Case(Runtime("o", "layer", "nowhere", new BreakerSettings { MaxRequests = 1 }),
            "there is no Cluster 'nowhere'; expected 'c'");
        yield return Case(Runtime("o", "layer", "c", new BreakerSettings()), "sets nothing");
        yield return Case(Runtime("o", "layer", "c", new BreakerSettings { MaxRetries = 1 }),
            "has a retry budget at this priority, which wins over max_retries");
        yield return Case(Runtime("o", "layer", "c", new BreakerSettings { MaxRequests = 1 }, (BreakerPriority)5),
            "5 is no priority; expected Default or High");
        yield return Case(Runtime("o", "", "c", new BreakerSettings { MaxRequests = 1 }), "names no resource");
        yield return Case(Breakers("o", "c", new BreakerSettings { MaxRetries = 1 }), "wins over max_retries");
        yield return Case(Breakers("o", "c", new BreakerSettings()), "sets nothing");
        yield return Case(Breakers("o", "d", new BreakerSettings { MaxRequests = 1 }),
            "there is no Cluster 'd'; expected 'c'");
        yield return Case(Outliers("o", "c", new OutlierSettings()), "sets nothing");
        yield return Case(Outliers("o", "c", new OutlierSettings { MaxEjectionPercent = 101 }),
            "max_ejection_percent is 101, outside of [0, 100]");
        yield return Case(Outliers("o", "c", new OutlierSettings { Interval = TimeSpan.Zero }),
            "interval is 0 s, outside of [0.001 s, 31536000 s]");
        yield return Case(Outliers("o", "c", new OutlierSettings { MaxEjectionTime = TimeSpan.FromSeconds(10) }),
            "max_ejection_time would be 10 s, expected at least base_ejection_time, 30 s");

        static TestCaseData Case(Overlay overlay, string message) =>
            new TestCaseData(overlay, message).SetArgDisplayNames(overlay.GetType().Name, message);
    }

    [TestCaseSource(nameof(Refusals))]
    public void Apply_WhatDoesNotFit_IsToldAndEverythingStays(Overlay overlay, string message)
    {
        var intended = Intended();
        var result = Apply(intended, overlay);
        Assert.That(result.Errors.Single().Message, Does.Contain(message));
        Assert.That(result.Laid, Is.Empty);
        Assert.That(
            result.Resource,
            Is.SameAs(intended.Get(OverlayTranslator.TypeOf(overlay.Carrier)).Find(overlay.Resource)));
    }

    [Test]
    public void Apply_EndpointInSeveralLocalities_ChangesEveryOne()
    {
        var assignment = Changed<ClusterLoadAssignment>(EndpointHealth("o", "c", (B, EndpointHealthStatus.Draining)));
        Assert.That(
            assignment.Endpoints.SelectMany(static group => group.LbEndpoints).Select(static e => e.HealthStatus),
            Is.EqualTo(new[]
            {
                HealthStatus.Unknown, HealthStatus.Draining, HealthStatus.Draining, HealthStatus.Unknown,
            }));
    }

    [Test]
    public void Apply_LocalityChosenByItsPriority_ChangesThatGroupOnly()
    {
        var assignment = Changed<ClusterLoadAssignment>(
            LocalityWeights("o", "c", new LocalityWeight(Locality("eu", "b"), 7, Within: 1)));
        Assert.That(
            assignment.Endpoints.Select(static group => group.LoadBalancingWeight),
            Is.EqualTo(new uint?[] { 5, 5, 7 }));
    }

    [Test]
    public void Apply_EndpointsByLeds_SayThatTheyCarryNone()
    {
        var assignment = new ClusterLoadAssignment
        {
            ClusterName = "c",
            Endpoints =
            {
                new LocalityLbEndpoints
                {
                    LedsClusterLocalityConfig = new LedsClusterLocalityConfig { LedsCollectionName = "x" },
                },
            },
        };
        var result = Apply(Of(assignment), EndpointWeights("o", "c", (A, 1)));
        Assert.That(
            result.Errors.Single().Message,
            Is.EqualTo($"there is no endpoint '{A}'; there are none, and those that come by LEDS carry no overlays"));
    }

    [Test]
    public void Apply_KeyInNestedForm_IsSetWhereverItStands()
    {
        // Envoy joins names with dots: these are the same key, written in three ways.
        var layer = Struct.Parser.ParseJson(
            """
            {"circuit_breakers": {"c": {"default": {"max_requests": 1, "max_connections": 4}},
              "c.default.max_requests": 2}, "circuit_breakers.c.default.max_requests": 3, "circuit_breakers.cd": 9}
            """);
        var runtime = Changed<Runtime>(
            Runtime("o", "layer", "c", new BreakerSettings { MaxRequests = 50 }),
            new Runtime { Name = "layer", Layer = layer });
        Assert.That(
            Flat(runtime.Layer),
            Is.EquivalentTo(new[]
            {
                "circuit_breakers.c.default.max_requests=50",
                "circuit_breakers.c.default.max_connections=4",
                "circuit_breakers.c.default.max_requests=50",
                "circuit_breakers.c.default.max_requests=50",
                "circuit_breakers.cd=9",
            }));
    }

    [Test]
    public void Apply_LayerThatTheSourceLacks_IsMade()
    {
        var runtime = Changed<Runtime>(
            Runtime("o", "layer", "c", new BreakerSettings { MaxRequests = uint.MaxValue }, BreakerPriority.High));
        Assert.That(runtime.Name, Is.EqualTo("layer"));
        Assert.That(Flat(runtime.Layer), Is.EqualTo(new[] { "circuit_breakers.c.high.max_requests=4294967295" }));
    }

    [Test]
    public void Apply_BreakerOfAPriorityTwice_ChangesTheFirstThatEnvoyTakes()
    {
        var cluster = Cluster();
        cluster.CircuitBreakers.Thresholds[0].RetryBudget = null;
        cluster.CircuitBreakers.Thresholds.Add(new CircuitBreakers.Types.Thresholds { MaxRequests = 6 });
        var changed = Changed<Cluster>(
            Breakers("o", "c", new BreakerSettings { MaxRequests = 1, MaxRetries = 2 }), cluster);
        Assert.That(
            changed.CircuitBreakers.Thresholds.Select(static t => (t.MaxRequests, t.MaxRetries)),
            Is.EqualTo(new (uint?, uint?)[] { (1, 2), (6, null) }));
    }

    [Test]
    public void Apply_OutlierDetectionThatTheSourceLacks_SetsWhatTheOverlayNames()
    {
        var changed = Changed<Cluster>(Outliers("o", "c", new OutlierSettings { EnforcingSuccessRate = 0 }));
        Assert.That(changed.OutlierDetection, Is.EqualTo(new OutlierDetection { EnforcingSuccessRate = 0 }));
    }

    private static Cluster Cluster() => new()
    {
        Name = "c",
        Type = Envoy.Config.Cluster.V3.Cluster.Types.DiscoveryType.Eds,
        EdsClusterConfig = new Cluster.Types.EdsClusterConfig
        {
            EdsConfig = new ConfigSource { Ads = new AggregatedConfigSource() },
        },
        CircuitBreakers = new CircuitBreakers
        {
            Thresholds =
            {
                new CircuitBreakers.Types.Thresholds
                {
                    RetryBudget = new CircuitBreakers.Types.Thresholds.Types.RetryBudget(),
                },
            },
        },
    };

    private static ClusterLoadAssignment Assignment() => new()
    {
        ClusterName = "c",
        Endpoints =
        {
            Group("a", 0, 5, "10.0.0.1", "10.0.0.2"),
            Group("b", 0, 5, "10.0.0.2"),
            Group("b", 1, 5, "10.0.0.3"),
        },
    };

    private static LocalityLbEndpoints Group(string zone, uint priority, uint weight, params string[] addresses)
    {
        var group = new LocalityLbEndpoints
        {
            Locality = new Locality { Region = "eu", Zone = zone },
            Priority = priority,
            LoadBalancingWeight = weight,
        };
        group.LbEndpoints.AddRange(addresses.Select(static address => new LbEndpoint
        {
            Endpoint = new Endpoint
            {
                Address = new Address { SocketAddress = new SocketAddress { Address = address, PortValue = 80 } },
            },
        }));
        return group;
    }

    private static ValidatedSnapshot Intended() => Of(Assignment());

    /// <summary>A snapshot of the cluster, its endpoints, and what a test puts in place of either or beside them.
    /// </summary>
    private static ValidatedSnapshot Of(IMessage own)
    {
        var resource = XdsResource.FromMessage(own);
        var others = new[] { XdsResource.FromMessage(Cluster()), XdsResource.FromMessage(Assignment()) }
            .Where(other => other.TypeUrl != resource.TypeUrl);
        return TestResources.Snapshot([resource, .. others]);
    }

    private static OverlayResult Apply(ValidatedSnapshot intended, Overlay overlay) =>
        OverlayTranslator.Apply(intended, OverlayTranslator.TypeOf(overlay.Carrier), overlay.Resource, [overlay]);

    private static T Changed<T>(Overlay overlay, IMessage? own = null)
        where T : class
    {
        var result = Apply(Of(own ?? Assignment()), overlay);
        Assert.That(result.Errors, Is.Empty);
        return result.Resource?.Decode() as T ?? throw new AssertionException("nothing was laid");
    }

    private static IEnumerable<string> Flat(Struct layer, string prefix = "") => layer.Fields.SelectMany(field =>
        field.Value.KindCase == Value.KindOneofCase.StructValue
            ? Flat(field.Value.StructValue, $"{prefix}{field.Key}.")
            : [$"{prefix}{field.Key}={field.Value.NumberValue}"]);
}
