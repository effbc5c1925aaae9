using System.Collections.Immutable;
using Envoy.Service.Cluster.V3;
using Envoy.Service.Endpoint.V3;
using Envoy.Service.Extension.V3;
using Envoy.Service.Listener.V3;
using Envoy.Service.Route.V3;
using Envoy.Service.Runtime.V3;
using Envoy.Service.Secret.V3;
using Google.Protobuf.Reflection;
using Types = SelfHeal.Xds.Resources.TypeUrl;

namespace SelfHeal.Sidecar.Xds;

/// <summary>
/// One of the xDS services that serve a single type, as the v3 API has them. On them a request need not name its type.
/// </summary>
/// <param name="Name">Full name of the service.</param>
/// <param name="TypeUrl">What it serves.</param>
/// <param name="StreamMethod">The method of the state-of-the-world variant; null where the API has none.</param>
/// <param name="DeltaMethod">The method of the incremental variant.</param>
/// <param name="RestCollection">
/// What follows <c>/v3/discovery:</c> in the REST variant's path; null where the API has none.
/// </param>
/// <param name="File">Where the API declares it, for reflection.</param>
internal sealed record TypedService(
    string Name, string TypeUrl, string? StreamMethod, string DeltaMethod, string? RestCollection, FileDescriptor File)
{
    /// <summary>Endpoints of one locality; they are carried like any other type.</summary>
    private const string LocalityEndpoint =
        Types.Prefix + "envoy.config.endpoint.v3.LbEndpoint";

    /// <summary>All of the API, in the order in which their types are sent.</summary>
    public static ImmutableArray<TypedService> All { get; } =
    [
        new(
            "envoy.service.cluster.v3.ClusterDiscoveryService",
            Types.Cluster,
            "StreamClusters",
            "DeltaClusters",
            "clusters",
            CdsReflection.Descriptor),
        new(
            "envoy.service.endpoint.v3.EndpointDiscoveryService",
            Types.ClusterLoadAssignment,
            "StreamEndpoints",
            "DeltaEndpoints",
            "endpoints",
            EdsReflection.Descriptor),
        new(
            "envoy.service.endpoint.v3.LocalityEndpointDiscoveryService",
            LocalityEndpoint,
            null,
            "DeltaLocalityEndpoints",
            null,
            LedsReflection.Descriptor),
        new(
            "envoy.service.listener.v3.ListenerDiscoveryService",
            Types.Listener,
            "StreamListeners",
            "DeltaListeners",
            "listeners",
            LdsReflection.Descriptor),
        new(
            "envoy.service.route.v3.ScopedRoutesDiscoveryService",
            Types.ScopedRouteConfiguration,
            "StreamScopedRoutes",
            "DeltaScopedRoutes",
            "scoped-routes",
            SrdsReflection.Descriptor),
        new(
            "envoy.service.route.v3.RouteDiscoveryService",
            Types.RouteConfiguration,
            "StreamRoutes",
            "DeltaRoutes",
            "routes",
            RdsReflection.Descriptor),
        new(
            "envoy.service.route.v3.VirtualHostDiscoveryService",
            Types.VirtualHost,
            null,
            "DeltaVirtualHosts",
            null,
            RdsReflection.Descriptor),
        new(
            "envoy.service.secret.v3.SecretDiscoveryService",
            Types.Secret,
            "StreamSecrets",
            "DeltaSecrets",
            "secrets",
            SdsReflection.Descriptor),
        new(
            "envoy.service.extension.v3.ExtensionConfigDiscoveryService",
            Types.ExtensionConfig,
            "StreamExtensionConfigs",
            "DeltaExtensionConfigs",
            "extension_configs",
            ConfigDiscoveryReflection.Descriptor),
        new(
            "envoy.service.runtime.v3.RuntimeDiscoveryService",
            Types.Runtime,
            "StreamRuntime",
            "DeltaRuntime",
            "runtime",
            RtdsReflection.Descriptor),
    ];

    /// <summary>RTDS.</summary>
    public static TypedService Runtime => All.First(static service => service.TypeUrl == Types.Runtime);
}
