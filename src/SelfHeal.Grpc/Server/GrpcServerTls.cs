using System.Security.Cryptography.X509Certificates;

namespace SelfHeal.Grpc;

/// <summary>TLS of a listening endpoint.</summary>
public sealed record GrpcServerTls
{
    /// <summary>
    /// Gives the server's certificate with its private key; asked for each connection, so that a renewed one is
    /// used without a restart.
    /// </summary>
    public required Func<X509Certificate2> Certificate { get; init; }

    /// <summary>
    /// Gives what is sent beside the certificate, so that clients find their way to an authority that they know: the
    /// chain from the certificate on. Asked once for each certificate that <see cref="Certificate"/> gives. Null means
    /// nothing is sent.
    /// </summary>
    public Func<X509Certificate2Collection>? Chain { get; init; }

    /// <summary>Whether a client must show a certificate. Default false.</summary>
    public bool RequireClientCertificate { get; init; }

    /// <summary>
    /// Gives the authorities that client certificates must come from; asked for each connection. Null means those of
    /// the system. Revocation is not checked: in a mesh, certificates are short-lived.
    /// </summary>
    public Func<X509Certificate2Collection>? ClientAuthorities { get; init; }

    /// <summary>A further check of a client's certificate that has passed the others; null means none.</summary>
    public Func<X509Certificate2, bool>? ValidateClient { get; init; }

    /// <summary>Reads <see cref="ClientAuthorities"/> from a PEM file with one or more certificates.</summary>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static X509Certificate2Collection ReadAuthorities(string pemPath)
    {
        ArgumentException.ThrowIfNullOrEmpty(pemPath);
        var authorities = new X509Certificate2Collection();
        authorities.ImportFromPemFile(pemPath);
        return authorities;
    }
}
