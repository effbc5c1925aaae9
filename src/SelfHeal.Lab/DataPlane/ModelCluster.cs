using System.Globalization;
using System.Net.Sockets;
using Envoy.Config.Core.V3;
using Envoy.Config.Endpoint.V3;

namespace SelfHeal.Lab.DataPlane;

/// <summary>
/// The connections to the endpoints of one cluster; requests go round-robin over the usable endpoints.
/// </summary>
internal sealed class ModelCluster : IDisposable
{
    private readonly HttpMessageInvoker _invoker;
    private uint _turn;

    public ModelCluster(string name, ModelStats stats)
    {
        _invoker = new HttpMessageInvoker(new SocketsHttpHandler
        {
            UseProxy = false,
            UseCookies = false,
            AllowAutoRedirect = false,
            ActivityHeadersPropagator = null,
            ConnectTimeout = TimeSpan.FromSeconds(1),
            ConnectCallback = async (context, cancellationToken) =>
            {
                var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
                try
                {
                    await socket.ConnectAsync(context.DnsEndPoint, cancellationToken);
                }
                catch
                {
                    stats.Count($"cluster.{name}.upstream_cx_connect_fail");
                    socket.Dispose();
                    throw;
                }

                stats.Count($"cluster.{name}.upstream_cx_total");
                stats.Move($"cluster.{name}.upstream_cx_active", 1);
                return new CountedConnection(socket, () => stats.Move($"cluster.{name}.upstream_cx_active", -1));
            },
        });
    }

    /// <summary>
    /// The usable endpoints as <c>host:port</c>: those that the control plane does not call unhealthy.
    /// </summary>
    public static List<string> Addresses(ClusterLoadAssignment assignment) =>
    [
        .. assignment.Endpoints
            .SelectMany(locality => locality.LbEndpoints)
            .Where(endpoint => endpoint.HealthStatus is HealthStatus.Unknown or HealthStatus.Healthy)
            .Select(endpoint => endpoint.Endpoint?.Address?.SocketAddress)
            .OfType<SocketAddress>()
            .Select(socket => string.Create(CultureInfo.InvariantCulture, $"{socket.Address}:{socket.PortValue}")),
    ];

    /// <summary>The endpoint of the next request; null when none is usable.</summary>
    public string? Next(ClusterLoadAssignment? assignment)
    {
        var addresses = assignment is null ? [] : Addresses(assignment);
        return addresses.Count == 0 ? null : addresses[(int)(Interlocked.Increment(ref _turn) % (uint)addresses.Count)];
    }

    public Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
        _invoker.SendAsync(request, cancellationToken);

    public void Dispose() => _invoker.Dispose();
}
