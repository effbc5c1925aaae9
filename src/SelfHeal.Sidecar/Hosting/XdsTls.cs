using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using SelfHeal.Sidecar.Config;

namespace SelfHeal.Sidecar.Hosting;

/// <summary>What the files of the TLS section hold: read at one moment, replaced whole.</summary>
/// <param name="Certificate">The server's certificate with its key.</param>
/// <param name="Chain">The certificate's chain, leaf first.</param>
/// <param name="ClientAuthorities">Who signs clients; null when they need no certificate.</param>
internal sealed record XdsTls(
    X509Certificate2 Certificate, X509Certificate2Collection Chain, X509Certificate2Collection? ClientAuthorities)
{
    /// <summary>Loads the files.</summary>
    /// <param name="options">Where they are.</param>
    /// <exception cref="TlsFailedException">One of them cannot be used.</exception>
    public static XdsTls Load(XdsTlsOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        var chain = LoadPem("xds.tls.certificate", options.Certificate);
        var authorities = options.ClientCa is { } path ? LoadPem("xds.tls.client_ca", path) : null;
        return new XdsTls(LoadWithKey(options), chain, authorities);
    }

    private static X509Certificate2 LoadWithKey(XdsTlsOptions options)
    {
        try
        {
            return X509Certificate2.CreateFromPemFile(options.Certificate, options.Key);
        }
        catch (Exception exception) when (IsBadFile(exception))
        {
            // The library's message never quotes the key.
            throw new TlsFailedException(
                "xds.tls.key",
                $"{options.Key} is not the key of {options.Certificate}: {exception.Message}",
                exception);
        }
    }

    private static X509Certificate2Collection LoadPem(string key, string path)
    {
        var certificates = new X509Certificate2Collection();
        try
        {
            certificates.ImportFromPemFile(path);
        }
        catch (Exception exception) when (IsBadFile(exception))
        {
            throw new TlsFailedException(key, $"{path} cannot be read: {exception.Message}", exception);
        }

        return certificates.Count > 0
            ? certificates
            : throw new TlsFailedException(key, $"{path} has no PEM certificate", null);
    }

    private static bool IsBadFile(Exception exception) =>
        exception is IOException or UnauthorizedAccessException or CryptographicException or ArgumentException;
}
