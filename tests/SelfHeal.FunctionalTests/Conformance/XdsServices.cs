namespace SelfHeal.FunctionalTests.Conformance;

/// <summary>Resource types by their short names, and the services that serve one type each.</summary>
internal static class XdsServices
{
    public const string Cds = Prefix + "envoy.config.cluster.v3.Cluster";
    public const string Eds = Prefix + "envoy.config.endpoint.v3.ClusterLoadAssignment";
    public const string Lds = Prefix + "envoy.config.listener.v3.Listener";
    public const string Rds = Prefix + "envoy.config.route.v3.RouteConfiguration";
    public const string Srds = Prefix + "envoy.config.route.v3.ScopedRouteConfiguration";
    public const string Vhds = Prefix + "envoy.config.route.v3.VirtualHost";
    public const string Sds = Prefix + "envoy.extensions.transport_sockets.tls.v3.Secret";
    public const string Ecds = Prefix + "envoy.config.core.v3.TypedExtensionConfig";
    public const string Rtds = Prefix + "envoy.service.runtime.v3.Runtime";

    /// <summary>A type that no server knows.</summary>
    public const string Unknown = Prefix + "example.unknown.v1.Thing";

    /// <summary>What SotW wraps a resource in that has a TTL.</summary>
    public const string Wrapper = Prefix + "envoy.service.discovery.v3.Resource";

    private const string Prefix = "type.googleapis.com/";
    private const string Aggregated = "envoy.service.discovery.v3.AggregatedDiscoveryService";

    /// <summary>Service and ending of its methods, by type.</summary>
    private static readonly Dictionary<string, (string Service, string Ending)> PerType = new(StringComparer.Ordinal)
    {
        [Cds] = ("envoy.service.cluster.v3.ClusterDiscoveryService", "Clusters"),
        [Eds] = ("envoy.service.endpoint.v3.EndpointDiscoveryService", "Endpoints"),
        [Lds] = ("envoy.service.listener.v3.ListenerDiscoveryService", "Listeners"),
        [Rds] = ("envoy.service.route.v3.RouteDiscoveryService", "Routes"),
        [Srds] = ("envoy.service.route.v3.ScopedRoutesDiscoveryService", "ScopedRoutes"),
        [Vhds] = ("envoy.service.route.v3.VirtualHostDiscoveryService", "VirtualHosts"),
        [Sds] = ("envoy.service.secret.v3.SecretDiscoveryService", "Secrets"),
        [Ecds] = ("envoy.service.extension.v3.ExtensionConfigDiscoveryService", "ExtensionConfigs"),
        [Rtds] = ("envoy.service.runtime.v3.RuntimeDiscoveryService", "Runtime"),
    };

    /// <summary>The method that a variant calls for a type.</summary>
    public static string Method(Variant variant, string type)
    {
        if (Variant.Ads.HasFlag(variant))
            return $"{Aggregated}/{(variant is Variant.SotwAds ? "Stream" : "Delta")}AggregatedResources";
        var (service, ending) = PerType[type];
        return $"{service}/{(variant is Variant.SotwPerType ? "Stream" : "Delta")}{ending}";
    }
}
