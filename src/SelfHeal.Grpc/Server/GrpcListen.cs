using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace SelfHeal.Grpc;

/// <summary>Sets Kestrel up for gRPC: endpoints, and limits fit for streams that live for weeks.</summary>
public static class GrpcListen
{
    // 4,096: a thousand Envoys behind one proxy connection, with ADS, stats, load and health streams each.
    // A client above it waits for a stream to end; nothing is refused.
    private const int StreamsPerConnectionMax = 4096;

    // 1 MiB per stream and 4 MiB per connection: what a stats stream may have under way while we are busy, and what one
    // client may make us hold. Kestrel's limits are at most 2 GiB; 100 Mbit/s at 80 ms needs 1 MiB.
    private const int StreamWindowBytes = 1024 * 1024;
    private const int ConnectionWindowBytes = 4 * 1024 * 1024;

    // 4,096, what Linux allows by default: a fleet that reconnects at once comes faster than connections are accepted,
    // and one more than the backlog is tried again by its kernel only after a second.
    private const int BacklogMin = 4096;

    /// <summary>
    /// Removes limits made for web pages (a body of 30 MB, minimum data rates), and sets HTTP/2 stream count,
    /// windows, keep-alive pings (every 30 s without traffic; 20 s to answer), and how sockets are read.
    /// </summary>
    public static KestrelServerOptions ConfigureGrpcLimits(this KestrelServerOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        var limits = options.Limits;
        limits.MaxRequestBodySize = null;
        // Streams are idle most of the time; sends have a deadline of their own (GrpcServiceOptions.SendTimeout).
        limits.MinRequestBodyDataRate = null;
        limits.MinResponseDataRate = null;
        limits.Http2.MaxStreamsPerConnection = StreamsPerConnectionMax;
        limits.Http2.InitialStreamWindowSize = StreamWindowBytes;
        limits.Http2.InitialConnectionWindowSize = ConnectionWindowBytes;
        limits.Http2.KeepAlivePingDelay = TimeSpan.FromSeconds(30);
        limits.Http2.KeepAlivePingTimeout = TimeSpan.FromSeconds(20);
        // Waiting with an empty read before there is a buffer spares an idle connection 4 KiB, and costs a busy one a
        // system call for each 4 KiB that it is sent.
        TransportOf(options).WaitForDataBeforeAllocatingBuffer = false;
        return options;
    }

    /// <summary>Adds an endpoint that speaks HTTP/2 only.</summary>
    /// <exception cref="ArgumentException">Not exactly one of address, socket path and socket is set.</exception>
    /// <exception cref="IOException">Somebody listens on the socket path, or a file that is no socket is there.
    /// </exception>
    public static KestrelServerOptions ListenGrpc(this KestrelServerOptions options, GrpcEndpointOptions endpoint)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(endpoint);
        switch (endpoint)
        {
            case { Address: { } address, UnixPath: null, Socket: null }:
                options.Listen(address, listen => Configure(listen, endpoint, unixPath: null));
                return options;
            case { Address: null, UnixPath: { } unixPath, Socket: null }:
                var path = Path.GetFullPath(unixPath);
                // Now rather than in the middle of a start, where a host logs an error beside the exception.
                GrpcUnixSocket.RemoveStale(path);
                Bind(options, new UnixDomainSocketEndPoint(path), () => GrpcUnixSocket.Bind(path, endpoint.UnixMode));
                options.ListenUnixSocket(path, listen => Configure(listen, endpoint, path));
                return options;
            case { Address: null, UnixPath: null, Socket: { } socket }:
                var bound = (socket.LocalEndPoint as UnixDomainSocketEndPoint)?.ToString();
                return options.ListenSocket(socket, listen => Configure(listen, endpoint, bound));
            default:
                throw new ArgumentException(
                    "exactly one of Address, UnixPath and Socket must be set", nameof(endpoint));
        }
    }

    /// <summary>Adds an endpoint of any protocol on a bound socket, which Kestrel takes over when it starts.</summary>
    /// <exception cref="ArgumentException">The socket is not bound.</exception>
    public static KestrelServerOptions ListenSocket(
        this KestrelServerOptions options, Socket socket, Action<ListenOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(socket);
        var endPoint = socket.LocalEndPoint ?? throw new ArgumentException("the socket is not bound", nameof(socket));
        Bind(options, endPoint, () => socket);
        options.Listen(endPoint, configure);
        return options;
    }

    /// <summary>Puts TLS on an endpoint of any protocol, as a gRPC endpoint has it.</summary>
    /// <param name="listen">The endpoint.</param>
    /// <param name="tls">Certificates and whom to trust.</param>
    public static ListenOptions UseTls(this ListenOptions listen, GrpcServerTls tls)
    {
        ArgumentNullException.ThrowIfNull(listen);
        ArgumentNullException.ThrowIfNull(tls);
        var handshake = new GrpcHandshake(tls, listen.Protocols);
        return listen.UseHttps(new TlsHandshakeCallbackOptions
        {
            OnConnection = _ => ValueTask.FromResult(handshake.Options()),
        });
    }

    private static void Configure(ListenOptions listen, GrpcEndpointOptions endpoint, string? unixPath)
    {
        // A cleartext port cannot negotiate, so it speaks one protocol.
        listen.Protocols = HttpProtocols.Http2;
        listen.Use(next => connection =>
        {
            if (unixPath is not null)
                connection.Features.Set(new GrpcUnixPath(unixPath));
            endpoint.OnConnection?.Invoke(connection);
            return next(connection);
        });
        if (endpoint.Tls is { } tls)
            listen.UseTls(tls);
    }

    private static SocketTransportOptions TransportOf(KestrelServerOptions options) =>
        options.ApplicationServices.GetRequiredService<IOptions<SocketTransportOptions>>().Value;

    /// <summary>Says where the socket of one endpoint comes from; the others are bound as before.</summary>
    private static void Bind(KestrelServerOptions options, EndPoint wanted, Func<Socket> bind)
    {
        var transport = TransportOf(options);
        transport.Backlog = Math.Max(transport.Backlog, BacklogMin);
        var others = transport.CreateBoundListenSocket;
        transport.CreateBoundListenSocket = endPoint => endPoint.Equals(wanted) ? bind() : others(endPoint);
    }
}
