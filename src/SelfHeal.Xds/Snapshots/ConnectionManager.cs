using System.Collections.Immutable;
using Envoy.Config.Route.V3;
using Envoy.Extensions.Filters.Network.HttpConnectionManager.V3;
using Google.Protobuf.WellKnownTypes;
using SelfHeal.Xds.Resources;
using Xds.Type.V3;

namespace SelfHeal.Xds.Snapshots;

/// <summary>An HTTP connection manager: the listener that it is in, and the virtual hosts that it leads to.</summary>
/// <param name="Listener">The listener's name.</param>
/// <param name="Path">Its place in the listener.</param>
/// <param name="Message">The manager.</param>
/// <param name="Hosts">The virtual hosts of all its routes that are known here.</param>
internal sealed record ConnectionManager(
    string Listener, string Path, HttpConnectionManager Message, ImmutableArray<VirtualHost> Hosts)
{
    private const string GrpcStats = "grpc_stats";

    /// <summary>Filters that turn something else into gRPC, by the package of their configuration.</summary>
    private static readonly string[] Translators =
        ["grpc_web", "grpc_json_transcoder", "grpc_http1_bridge", "grpc_http1_reverse_bridge"];

    /// <summary>The filter that counts gRPC failures; any configuration of it does, and one that ECDS brings.</summary>
    public bool HasGrpcStats { get; } = Message.HttpFilters.Any(static filter => Is(filter, GrpcStats));

    /// <summary>Some filter turns other requests into gRPC, so that gRPC is behind it.</summary>
    public bool TranslatesGrpc { get; } =
        Message.HttpFilters.Any(static filter => Translators.Any(kind => Is(filter, kind)));

    /// <summary>Where the filters stand.</summary>
    public string FiltersPath => MessageWalk.Join(Path, "http_filters");

    /// <summary>Whether a route, its virtual host or one of its clusters configures gRPC translation.</summary>
    public static bool TranslatesHere(VirtualHost host, Route route) =>
        host.TypedPerFilterConfig.Values
            .Concat(route.TypedPerFilterConfig.Values)
            .Concat(RouteWalk.Weighted(route).SelectMany(static cluster => cluster.TypedPerFilterConfig.Values))
            .Any(static config => Translators.Any(kind => IsOf(TypeOf(config), kind)));

    private static bool Is(HttpFilter filter, string kind) => !filter.Disabled && filter.ConfigTypeCase switch
    {
        HttpFilter.ConfigTypeOneofCase.TypedConfig => IsOf(TypeOf(filter.TypedConfig), kind),
        HttpFilter.ConfigTypeOneofCase.ConfigDiscovery =>
            filter.ConfigDiscovery.TypeUrls.Any(type => IsOf(TypeUrl.FullName(type), kind)),

        // Without a configuration old releases of Envoy go by the name; newer ones refuse the listener.
        _ => filter.Name == $"envoy.filters.http.{kind}",
    };

    /// <summary><c>envoy.extensions.filters.http.grpc_stats.v3.FilterConfig</c>, whatever the version.</summary>
    private static bool IsOf(string fullName, string kind) =>
        fullName.Contains($".http.{kind}.", StringComparison.Ordinal);

    private static string TypeOf(Any config)
    {
        // A control plane may wrap what it does not know itself: the type is then a field of the wrapper.
        var type = TypeUrl.FullName(config.TypeUrl);
        return type == TypedStruct.Descriptor.FullName && config.TryUnpack(out TypedStruct wrapped)
            ? TypeUrl.FullName(wrapped.TypeUrl)
            : type;
    }
}
