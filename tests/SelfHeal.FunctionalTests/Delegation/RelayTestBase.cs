using Envoy.Config.Cluster.V3;
using Envoy.Config.Core.V3;
using Envoy.Config.Endpoint.V3;
using Envoy.Config.Listener.V3;
using Envoy.Config.Route.V3;
using Google.Protobuf;
using SelfHeal.Core.Remediation;
using SelfHeal.Sidecar.Config;
using SelfHeal.Xds.Resources;

namespace SelfHeal.FunctionalTests.Delegation;

/// <summary>A double of Istiod, the product before it, and a directory that survives the product.</summary>
internal abstract class RelayTestBase
{
    protected const string Routes = "http.8080";
    protected const string Stable = "outbound|9080|v1|reviews.default.svc.cluster.local";
    protected const string Canary = "outbound|9080|v2|reviews.default.svc.cluster.local";

    private readonly DirectoryInfo _state = Directory.CreateTempSubdirectory("selfheal-relay-");

    protected IstiodDouble Istiod { get; private set; } = null!; // Set before each test.

    protected string StateDirectory => _state.FullName;

    [SetUp]
    public async Task StartAsync()
    {
        Istiod = await IstiodDouble.StartAsync();
        Fill(Istiod);
    }

    [TearDown]
    public async Task StopAsync()
    {
        await Istiod.DisposeAsync();
        _state.Delete(recursive: true);
    }

    /// <summary>Two versions behind a split of 90 to 10.</summary>
    protected static void Fill(IstiodDouble istiod)
    {
        istiod.Set(ClusterOf(Stable));
        istiod.Set(ClusterOf(Canary));
        istiod.Set(EndpointsOf(Stable, 1));
        istiod.Set(EndpointsOf(Canary, 2));
        istiod.Set(new Listener { Name = "0.0.0.0_8080", StatPrefix = "in" });
        istiod.Set(SplitOf(90, 10));
    }

    protected UpstreamOptions Upstream(params string[] addresses) => new()
    {
        Addresses = addresses.Length == 0 ? [Istiod.Address] : [.. addresses],
        BackoffMax = TimeSpan.FromMilliseconds(200),
    };

    protected Task<RelayHost> RelayAsync(UpstreamOptions? upstream = null, int port = 0) =>
        RelayHost.StartAsync(upstream ?? Upstream(), StateDirectory, port);

    protected static Cluster ClusterOf(string name) => new()
    {
        Name = name,
        Type = Cluster.Types.DiscoveryType.Eds,
        EdsClusterConfig = new Cluster.Types.EdsClusterConfig
        {
            ServiceName = name,
            EdsConfig = new ConfigSource { Ads = new AggregatedConfigSource() },
        },
    };

    protected static ClusterLoadAssignment EndpointsOf(string name, int last) => new()
    {
        ClusterName = name,
        Endpoints =
        {
            new LocalityLbEndpoints
            {
                LbEndpoints =
                {
                    new LbEndpoint
                    {
                        Endpoint = new Envoy.Config.Endpoint.V3.Endpoint
                        {
                            Address = new Address
                            {
                                SocketAddress = new SocketAddress { Address = $"127.0.1.{last}", PortValue = 9080 },
                            },
                        },
                    },
                },
            },
        },
    };

    protected static RouteConfiguration SplitOf(uint stable, uint canary, string domain = "*") => new()
    {
        Name = Routes,
        VirtualHosts =
        {
            new Envoy.Config.Route.V3.VirtualHost
            {
                Name = "reviews",
                Domains = { domain },
                Routes =
                {
                    new Route
                    {
                        Name = "primary",
                        Match = new RouteMatch { Prefix = "/" },
                        Route_ = new RouteAction
                        {
                            WeightedClusters = new WeightedCluster
                            {
                                Clusters =
                                {
                                    new WeightedCluster.Types.ClusterWeight { Name = Stable, Weight = stable },
                                    new WeightedCluster.Types.ClusterWeight { Name = Canary, Weight = canary },
                                },
                            },
                        },
                    },
                },
            },
        },
    };

    protected static Overlay AllToStable(string id = "o1") =>
        new Overlay.WeightedClusters(
            Routes, "reviews", "primary", [new ClusterWeight(Stable, 100), new ClusterWeight(Canary, 0)])
        {
            Id = id,
            Owner = "test",
            Reason = "the canary fails",
            IncidentId = "i1",
            ExpiresAt = DateTimeOffset.UtcNow + TimeSpan.FromHours(1),
        };

    /// <summary>The weights in a route as an Envoy holds it.</summary>
    protected static (uint Stable, uint Canary) WeightsIn(ByteString? any)
    {
        var read = XdsResource.FromAny(Routes, any?.Memory ?? default)?.Decode() as RouteConfiguration
            ?? throw new AssertionException("there is no route");
        var weights = read.VirtualHosts[0].Routes[0].Route_.WeightedClusters.Clusters;
        return (weights[0].Weight ?? 0, weights[1].Weight ?? 0);
    }
}
