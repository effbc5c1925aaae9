using System.Security.Cryptography.X509Certificates;

namespace SelfHeal.Grpc;

/// <summary>How a <see cref="GrpcChannel"/> connects, and limits of its calls.</summary>
public sealed record GrpcChannelOptions
{
    /// <summary>Authorities that the server's certificate must come from. Null means those of the system.</summary>
    public X509Certificate2Collection? ServerAuthorities { get; init; }

    /// <summary>
    /// The name that the server's certificate must carry, and the authority of calls. Null means the host of the
    /// address.
    /// Not used for Unix domain sockets.
    /// </summary>
    public string? ServerName { get; init; }

    /// <summary>
    /// Gives our certificate with its private key; asked for each connection. Null means that we show none.
    /// </summary>
    public Func<X509Certificate2>? ClientCertificate { get; init; }

    /// <summary>Largest message taken, in bytes, also after decompression. Default 4 MiB.</summary>
    public int MaxReceiveMessageBytes { get; init; } = 4 * 1024 * 1024;

    /// <summary>Largest message sent, in bytes before compression. Default 2 GiB - 1.</summary>
    public int MaxSendMessageBytes { get; init; } = int.MaxValue;

    /// <summary>How long a connection may take to be made. Default 10 s.</summary>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// Silence after which the server is sent a ping while calls are live; at least 1 s. Default 30 s;
    /// <see cref="Timeout.InfiniteTimeSpan"/> for none.
    /// </summary>
    public TimeSpan KeepAlivePingDelay { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long the answer to a ping may take before the connection is given up; at least 1 s. Default 20 s.
    /// </summary>
    public TimeSpan KeepAlivePingTimeout { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>
    /// Bytes the server may send on a stream before we read them, at the start; it grows with the measured
    /// bandwidth. Default 64 KiB - 1, the default of HTTP/2.
    /// </summary>
    public int InitialStreamWindowBytes { get; init; } = 65_535;
}
