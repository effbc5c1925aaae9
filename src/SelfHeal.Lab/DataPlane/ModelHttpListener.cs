using Envoy.Config.Listener.V3;
using Envoy.Config.Route.V3;
using Envoy.Extensions.Filters.Network.HttpConnectionManager.V3;

namespace SelfHeal.Lab.DataPlane;

/// <summary>The part of a listener that the model plays: one HTTP connection manager on one address.</summary>
/// <param name="Name">The listener's name.</param>
/// <param name="Address">The IP address to bind.</param>
/// <param name="Port">The port to bind.</param>
/// <param name="StatPrefix">The prefix of <c>http.X.*</c>.</param>
/// <param name="RouteName">The RDS resource; null with <paramref name="InlineRoutes"/>.</param>
/// <param name="InlineRoutes">Routes within the listener; null with <paramref name="RouteName"/>.</param>
internal sealed record ModelHttpListener(
    string Name, string Address, int Port, string StatPrefix, string? RouteName, RouteConfiguration? InlineRoutes)
{
    /// <summary>Null when the listener has no HTTP connection manager or no socket address.</summary>
    public static ModelHttpListener? TryRead(Listener listener)
    {
        var socket = listener.Address?.SocketAddress;
        var filter = listener.FilterChains
            .SelectMany(chain => chain.Filters)
            .FirstOrDefault(candidate => candidate.TypedConfig?.Is(HttpConnectionManager.Descriptor) == true);
        if (socket is null || filter is null)
            return null;
        var manager = filter.TypedConfig.Unpack<HttpConnectionManager>();
        return new ModelHttpListener(
            listener.Name,
            socket.Address,
            (int)socket.PortValue,
            manager.StatPrefix,
            manager.Rds?.RouteConfigName,
            manager.RouteConfig);
    }
}
