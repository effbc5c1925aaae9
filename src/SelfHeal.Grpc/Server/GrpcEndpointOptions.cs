using System.Net;

namespace SelfHeal.Grpc;

/// <summary>
/// Where a gRPC server listens; exactly one of <see cref="Address"/> and <see cref="UnixPath"/> is set.
/// </summary>
public sealed record GrpcEndpointOptions
{
    /// <summary>Address and port; port 0 lets the system choose. Null means a Unix domain socket.</summary>
    public IPEndPoint? Address { get; init; }

    /// <summary>
    /// Path of a Unix domain socket. A socket file that nobody listens on any more is removed first; a file that is no
    /// socket is left alone and fails the start. Null means TCP.
    /// </summary>
    public string? UnixPath { get; init; }

    /// <summary>Permissions of the socket file, set before anybody can connect. Default 0600.</summary>
    public UnixFileMode UnixMode { get; init; } = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <summary>TLS; null means cleartext HTTP/2 with prior knowledge (h2c).</summary>
    public GrpcServerTls? Tls { get; init; }
}
