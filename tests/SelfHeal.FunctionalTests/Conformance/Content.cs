using Envoy.Config.Cluster.V3;
using Envoy.Config.Core.V3;
using Envoy.Config.Endpoint.V3;
using Envoy.Config.Listener.V3;
using Envoy.Config.Route.V3;
using Envoy.Extensions.Filters.Http.Router.V3;
using Envoy.Extensions.Filters.Network.HttpConnectionManager.V3;
using Envoy.Extensions.TransportSockets.Tls.V3;
using Envoy.Service.Discovery.V3;
using Envoy.Service.Runtime.V3;
using Google.Protobuf;
using Google.Protobuf.Reflection;
using Google.Protobuf.WellKnownTypes;

namespace SelfHeal.FunctionalTests.Conformance;

/// <summary>Small resources. What differs between two contents of one name is a number.</summary>
internal static class Content
{
    /// <summary>The files of all messages in here, for those that are packed in others.</summary>
    public static IEnumerable<FileDescriptor> Files { get; } =
    [
        ClusterReflection.Descriptor,
        EndpointReflection.Descriptor,
        ListenerReflection.Descriptor,
        RouteReflection.Descriptor,
        ScopedRouteReflection.Descriptor,
        RouteComponentsReflection.Descriptor,
        ExtensionReflection.Descriptor,
        SecretReflection.Descriptor,
        RtdsReflection.Descriptor,
        HttpConnectionManagerReflection.Descriptor,
        RouterReflection.Descriptor,
        DiscoveryReflection.Descriptor,
        WrappersReflection.Descriptor,
    ];

    /// <summary>A cluster that needs no endpoints from the server.</summary>
    public static Cluster Cluster(string name, int content = 1) => new()
    {
        Name = name,
        Type = Envoy.Config.Cluster.V3.Cluster.Types.DiscoveryType.Static,
        ConnectTimeout = new Duration { Seconds = content },
    };

    /// <summary>A cluster whose endpoints come from the server.</summary>
    public static Cluster EdsCluster(string name, int content = 1, ConfigSource? source = null) => new()
    {
        Name = name,
        Type = Envoy.Config.Cluster.V3.Cluster.Types.DiscoveryType.Eds,
        ConnectTimeout = new Duration { Seconds = content },
        EdsClusterConfig = new Cluster.Types.EdsClusterConfig { EdsConfig = source ?? Ads() },
    };

    public static ClusterLoadAssignment Endpoints(string cluster, int port = 1) => new()
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

    /// <summary>Routes that answer by themselves.</summary>
    public static RouteConfiguration Routes(string name, int content = 200) => new()
    {
        Name = name,
        VirtualHosts = { Host("all", content) },
    };

    /// <summary>Routes to one cluster.</summary>
    public static RouteConfiguration RoutesTo(string name, string cluster) => new()
    {
        Name = name,
        VirtualHosts =
        {
            new VirtualHost
            {
                Name = "all",
                Domains = { "*" },
                Routes =
                {
                    new Route
                    {
                        Match = new RouteMatch { Prefix = "/" },
                        Route_ = new RouteAction { Cluster = cluster },
                    },
                },
            },
        },
    };

    public static VirtualHost Host(string name, int content = 200) => new()
    {
        Name = name,
        Domains = { "*" },
        Routes =
        {
            new Route
            {
                Match = new RouteMatch { Prefix = "/" },
                DirectResponse = new DirectResponseAction { Status = (uint)content },
            },
        },
    };

    /// <summary>A listener without routes of its own.</summary>
    public static Listener Listener(string name, int content = 1) =>
        HttpListener(name, new HttpConnectionManager { StatPrefix = $"s{content}", RouteConfig = Routes("own") });

    /// <summary>A listener whose routes come from the server.</summary>
    public static Listener RdsListener(
        string name, string routes, int content = 1, int port = 1, ConfigSource? source = null)
    {
        var manager = new HttpConnectionManager
        {
            StatPrefix = $"s{content}",
            Rds = new Rds { RouteConfigName = routes, ConfigSource = source ?? Ads() },
        };
        return HttpListener(name, manager, port);
    }

    /// <summary>
    /// A resource with a TTL or other names, as a file states them. The feature that a client needs for the TTL is
    /// <c>xds.config.supports-resource-ttl</c>.
    /// </summary>
    public static Resource Wrapped(IMessage message, int ttlSeconds = 0, params string[] aliases) => new()
    {
        Resource_ = Any.Pack(message),
        Ttl = ttlSeconds > 0 ? new Duration { Seconds = ttlSeconds } : null,
        Aliases = { aliases },
    };

    public static ScopedRouteConfiguration Scope(string name, string routes) => new()
    {
        Name = name,
        RouteConfigurationName = routes,
        Key = new ScopedRouteConfiguration.Types.Key
        {
            Fragments = { new ScopedRouteConfiguration.Types.Key.Types.Fragment { StringKey = name } },
        },
    };

    public static Secret Secret(string name, int content = 1) => new()
    {
        Name = name,
        GenericSecret = new GenericSecret { Secret = new DataSource { InlineString = $"{content}" } },
    };

    public static Runtime Runtime(string name, int content = 1) => new()
    {
        Name = name,
        Layer = new Struct { Fields = { ["key"] = Value.ForNumber(content) } },
    };

    public static TypedExtensionConfig Extension(string name, bool content = false) => new()
    {
        Name = name,
        TypedConfig = Any.Pack(new Router { SuppressEnvoyHeaders = content }),
    };

    /// <summary>As it comes in an answer.</summary>
    public static ByteString Bytes(IMessage message) => message.ToByteString();

    public static ConfigSource Ads() =>
        new() { Ads = new AggregatedConfigSource(), ResourceApiVersion = ApiVersion.V3 };

    public static Address Loopback(int port) => new()
    {
        SocketAddress = new SocketAddress { Address = "127.0.0.1", PortValue = (uint)port },
    };

    private static Listener HttpListener(string name, HttpConnectionManager manager, int port = 1)
    {
        manager.HttpFilters.Add(new HttpFilter
        {
            Name = "envoy.filters.http.router",
            TypedConfig = Any.Pack(new Router()),
        });
        return new Listener
        {
            Name = name,
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
                            TypedConfig = Any.Pack(manager),
                        },
                    },
                },
            },
        };
    }
}
