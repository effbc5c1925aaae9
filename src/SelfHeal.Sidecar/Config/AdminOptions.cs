using System.Net;

namespace SelfHeal.Sidecar.Config;

/// <summary>The HTTP listener for people, probes and scrapers.</summary>
internal sealed class AdminOptions
{
    /// <summary>
    /// Where the admin API, /healthz, /readyz and /metrics listen; read-only, without TLS or authentication, so keep
    /// it on loopback or behind something that has them. The file of a Unix socket has mode 0600.
    /// Default: 127.0.0.1:18001.
    /// </summary>
    public ListenAddress Listen { get; init; } = new ListenAddress.Tcp(IPAddress.Loopback, 18001);
}
