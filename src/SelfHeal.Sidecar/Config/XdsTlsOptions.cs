using System.ComponentModel.DataAnnotations;
using SelfHeal.Sidecar.Config.Loading;

namespace SelfHeal.Sidecar.Config;

/// <summary>TLS for the gRPC listener.</summary>
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
}
