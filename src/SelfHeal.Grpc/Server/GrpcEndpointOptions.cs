using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;

namespace SelfHeal.Grpc;

/// <summary>
/// Where a gRPC server listens; exactly one of <see cref="Address"/>, <see cref="UnixPath"/> and <see cref="Socket"/>
/// is set.
/// </summary>
public sealed record GrpcEndpointOptions
{
    /// <summary>Address and port; port 0 lets the system choose. Null means one of the others.</summary>
    public IPEndPoint? Address { get; init; }

    /// <summary>
    /// Path of a Unix domain socket. A socket file that nobody listens on any more is removed first; a file that is no
    /// socket is left alone and fails the start. Null means one of the others.
    /// </summary>
    public string? UnixPath { get; init; }

    /// <summary>Permissions of the file at <see cref="UnixPath"/>, set before anybody can connect. Default 0600.
    /// </summary>
    public UnixFileMode UnixMode { get; init; } = GrpcUnixSocket.OwnerOnly;

    /// <summary>
    /// A bound socket, for a caller that wants to know about a port in use before anything else is built; Kestrel takes
    /// it over when it starts. Null means one of the others.
    /// </summary>
    public Socket? Socket { get; init; }

    /// <summary>TLS; null means cleartext HTTP/2 with prior knowledge (h2c).</summary>
    public GrpcServerTls? Tls { get; init; }

    /// <summary>Sees every connection before its first byte, for example to set a feature; null means nobody does.
    /// </summary>
    public Action<ConnectionContext>? OnConnection { get; init; }
}
