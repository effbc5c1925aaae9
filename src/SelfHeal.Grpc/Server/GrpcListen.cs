using System.Net.Sockets;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using SelfHeal.Grpc.Wire;

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

    /// <summary>
    /// Removes limits made for web pages (a body of 30 MB, minimum data rates), and sets HTTP/2 stream count,
    /// windows and keep-alive pings (every 30 s without traffic; 20 s to answer).
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
        return options;
    }

    /// <summary>Adds an endpoint that speaks HTTP/2 only.</summary>
    /// <exception cref="ArgumentException">Not exactly one of address and socket path is set.</exception>
    /// <exception cref="IOException">Somebody listens on the socket path, or a file that is no socket is there.
    /// </exception>
    public static KestrelServerOptions ListenGrpc(this KestrelServerOptions options, GrpcEndpointOptions endpoint)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(endpoint);
        if (endpoint.Address is null == endpoint.UnixPath is null)
            throw new ArgumentException("exactly one of Address and UnixPath must be set", nameof(endpoint));
        if (endpoint.Address is { } address)
        {
            options.Listen(address, listen => Configure(listen, endpoint.Tls));
            return options;
        }
        var path = Path.GetFullPath(endpoint.UnixPath!); // Not null: one of the two is set.
        GrpcUnixSocket.RemoveStale(path);
        SetModeWhenBound(options, path, endpoint.UnixMode);
        options.ListenUnixSocket(path, listen =>
        {
            listen.Use(next => connection =>
            {
                connection.Features.Set(new GrpcUnixPath(path));
                return next(connection);
            });
            Configure(listen, endpoint.Tls);
        });
        return options;
    }

    private static void Configure(ListenOptions listen, GrpcServerTls? tls)
    {
        listen.Protocols = HttpProtocols.Http2;
        if (tls is not null)
            listen.UseHttps(https => Configure(https, tls));
    }

    private static void Configure(HttpsConnectionAdapterOptions https, GrpcServerTls tls)
    {
        https.ServerCertificateSelector = (_, _) => tls.Certificate();
        if (!tls.RequireClientCertificate && tls.ClientAuthorities is null && tls.ValidateClient is null)
            return;
        https.ClientCertificateMode = tls.RequireClientCertificate
            ? ClientCertificateMode.RequireCertificate
            : ClientCertificateMode.AllowCertificate;
        https.ClientCertificateValidation = (certificate, chain, errors) =>
            GrpcCertificates.IsTrusted(certificate, chain, errors, tls.ClientAuthorities, GrpcCertificates.ClientUsage)
            && (tls.ValidateClient?.Invoke(certificate) ?? true);
    }

    /// <summary>Between bind and listen nobody can connect, so that is when the permissions are set.</summary>
    private static void SetModeWhenBound(KestrelServerOptions options, string path, UnixFileMode mode)
    {
        var transport = options.ApplicationServices.GetRequiredService<IOptions<SocketTransportOptions>>().Value;
        var bind = transport.CreateBoundListenSocket;
        transport.CreateBoundListenSocket = endPoint =>
        {
            var socket = bind(endPoint);
            var isOurs = endPoint is UnixDomainSocketEndPoint
                && string.Equals(endPoint.ToString(), path, StringComparison.Ordinal);
            if (isOurs && !OperatingSystem.IsWindows())
                File.SetUnixFileMode(path, mode);
            return socket;
        };
    }
}
