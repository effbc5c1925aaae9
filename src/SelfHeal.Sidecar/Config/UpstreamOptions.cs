using System.Collections.Immutable;
using SelfHeal.Sidecar.Config.Loading;

namespace SelfHeal.Sidecar.Config;

/// <summary>The ADS server whose answers are relayed in delegate mode; without it, nothing is.</summary>
internal sealed class UpstreamOptions
{
    /// <summary>
    /// Where the upstream is: <c>http://host:port</c>, <c>https://host:port</c> or <c>unix:/path</c>. The first one
    /// that answers is used; when it is lost the next one is tried, the last one is followed by the first. Required in
    /// delegate mode. Default: [].
    /// </summary>
    public ImmutableArray<string> Addresses { get; init; } = [];

    /// <summary>TLS to an https upstream. Null: the authorities of the system, and no certificate of ours. Default:
    /// null.</summary>
    public UpstreamTlsOptions? Tls { get; init; }

    /// <summary>
    /// A file with the token that is sent as bearer to the upstream for Envoys that send none; read anew for each
    /// stream, as kubelet replaces it. Null: none. Default: null.
    /// </summary>
    [FilePath]
    public string? TokenFile { get; init; }

    /// <summary>
    /// Runtime layers (RTDS) that are served from here beside what the upstream gives, and that it is not asked for; a
    /// bootstrap that names one of them lets circuit breakers be set without new clusters. Default: [selfheal].
    /// </summary>
    public ImmutableArray<string> RuntimeLayers { get; init; } = ["selfheal"];

    /// <summary>How long a connection to the upstream may take to be made. Default: 5s. Limits: 100ms to 1m.</summary>
    [Limits("100ms", "1m")]
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// How long to wait at most before the next attempt: attempts begin after 100 ms and each doubles the pause, which
    /// is drawn from its upper half so that proxies do not come back together. Default: 10s. Limits: 100ms to 5m.
    /// </summary>
    [Limits("100ms", "5m")]
    public TimeSpan BackoffMax { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// How long an Envoy that connects waits for the upstream before it is served what its node got last, from disk,
    /// without secrets. An upstream that refuses or fails is not waited for. Default: 5s. Limits: 100ms to 1m.
    /// </summary>
    [Limits("100ms", "1m")]
    public TimeSpan Patience { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// Largest message taken from the upstream, in bytes; Istiod's may have 40 MB. Default: 268435456. Limits: 4194304
    /// to 2000000000.
    /// </summary>
    [Limits("4194304", "2000000000")]
    public int MaxMessageBytes { get; init; } = 256 * 1024 * 1024;

    /// <summary>What the upstream says of itself, as evidence. Null: it is not asked. Default: null.</summary>
    public UpstreamMetricsOptions? Metrics { get; init; }
}
