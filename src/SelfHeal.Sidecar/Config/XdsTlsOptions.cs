using System.Collections.Immutable;
using System.ComponentModel.DataAnnotations;
using SelfHeal.Sidecar.Config.Loading;

namespace SelfHeal.Sidecar.Config;

/// <summary>TLS for the gRPC listener. Files that change are read again while running.</summary>
internal sealed class XdsTlsOptions
{
    /// <summary>The server's certificate chain, PEM, leaf first. Required.</summary>
    [Required]
    [FilePath]
    public string Certificate { get; init; } = "";

    /// <summary>The certificate's private key, PEM. Required.</summary>
    [Required]
    [FilePath]
    public string Key { get; init; } = "";

    /// <summary>
    /// The authorities, PEM, one of which must have signed every client's certificate (mTLS). Null: clients need no
    /// certificate. Default: null.
    /// </summary>
    [FilePath]
    public string? ClientCa { get; init; }

    /// <summary>
    /// Patterns of alternative names (URI, DNS, address), one of which every client's certificate must have:
    /// <c>*</c> is any run of characters without <c>/</c>, <c>**</c> any run at all, as in
    /// <c>spiffe://cluster.local/**</c>. Empty: whoever the authorities signed. Default: [].
    /// </summary>
    public ImmutableArray<string> ClientSans { get; init; } = [];
}
