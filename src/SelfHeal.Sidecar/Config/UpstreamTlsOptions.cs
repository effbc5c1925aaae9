using SelfHeal.Sidecar.Config.Loading;

namespace SelfHeal.Sidecar.Config;

/// <summary>TLS to the upstream. Files that change are read again for the next connection.</summary>
internal sealed class UpstreamTlsOptions
{
    /// <summary>
    /// The authorities, PEM, one of which must have signed the upstream's certificate. Null: those of the system.
    /// Default: null.
    /// </summary>
    [FilePath]
    public string? Ca { get; init; }

    /// <summary>Our certificate chain, PEM, leaf first, for an upstream that wants one (mTLS). Null: we show none.
    /// Default: null.</summary>
    [FilePath]
    public string? Certificate { get; init; }

    /// <summary>The certificate's private key, PEM. Null: only without certificate. Default: null.</summary>
    [FilePath]
    public string? Key { get; init; }

    /// <summary>
    /// The alternative name that the upstream's certificate must carry, such as istiod.istio-system.svc. Null: the
    /// host of the address. Default: null.
    /// </summary>
    public string? ServerName { get; init; }
}
