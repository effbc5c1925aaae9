using Envoy.Config.Cluster.V3;
using Envoy.Config.Core.V3;
using Envoy.Config.Endpoint.V3;
using Envoy.Config.Listener.V3;
using Envoy.Config.Route.V3;
using Envoy.Extensions.Filters.Http.Router.V3;
using Envoy.Extensions.Filters.Network.HttpConnectionManager.V3;
using Google.Protobuf.WellKnownTypes;

namespace SelfHeal.FunctionalTests.Lab.DataPlane;

/// <summary>The resources of a gateway with one service in two versions.</summary>
internal static class PaymentsResources
{
    public const string ClusterType = "type.googleapis.com/envoy.config.cluster.v3.Cluster";
    public const string EndpointType = "type.googleapis.com/envoy.config.endpoint.v3.ClusterLoadAssignment";
    public const string ListenerType = "type.googleapis.com/envoy.config.listener.v3.Listener";
    public const string RouteType = "type.googleapis.com/envoy.config.route.v3.RouteConfiguration";

    public static Cluster EdsCluster(string name) => new()
    {
        Name = name,
        Type = Cluster.Types.DiscoveryType.Eds,
        EdsClusterConfig = new Cluster.Types.EdsClusterConfig
        {
            EdsConfig = Ads(),
        },
    };

    public static ClusterLoadAssignment Assignment(string cluster, int port) => new()
    {
        ClusterName = cluster,
        Endpoints =
        {
            new LocalityLbEndpoints
            {
                LbEndpoints = { new LbEndpoint { Endpoint = new Endpoint { Address = Loopback(port) } } },
            },
        },
    };

    public static Listener HttpListener(int port) => new()
    {
        Name = "payments-listener",
        Address = Loopback(port),
        FilterChains =
        {
            new FilterChain
            {
                Filters =
                {
                    new Envoy.Config.Listener.V3.Filter
                    {
                        Name = "envoy.filters.network.http_connection_manager",
                        TypedConfig = Any.Pack(new HttpConnectionManager
                        {
                            StatPrefix = "payments",
                            HttpFilters =
                            {
                                new HttpFilter
                                {
                                    Name = "envoy.filters.http.router",
                                    TypedConfig = Any.Pack(new Router()),
                                },
                            },
                            Rds = new Rds
                            {
                                RouteConfigName = "payments-routes",
                                ConfigSource = Ads(),
                            },
                        }),
                    },
                },
            },
        },
    };

    public static RouteConfiguration Routes(uint stable, uint canary) => new()
    {
        Name = "payments-routes",
        VirtualHosts =
        {
            new VirtualHost
            {
                Name = "payments",
                Domains = { "*" },
                Routes =
                {
                    new Route
                    {
                        Match = new RouteMatch { Prefix = "/" },
                        Route_ = new RouteAction
                        {
                            WeightedClusters = new WeightedCluster
                            {
                                Clusters = { Share("payments-v1", stable), Share("payments-v2", canary) },
                            },
                        },
                    },
                },
            },
        },
    };

    private static WeightedCluster.Types.ClusterWeight Share(string cluster, uint weight) =>
        new() { Name = cluster, Weight = weight };

    private static ConfigSource Ads() =>
        new() { Ads = new AggregatedConfigSource(), ResourceApiVersion = ApiVersion.V3 };

    private static Address Loopback(int port) => new()
    {
        SocketAddress = new SocketAddress { Address = "127.0.0.1", PortValue = (uint)port },
    };
}
