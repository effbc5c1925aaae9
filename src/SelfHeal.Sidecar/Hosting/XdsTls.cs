using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using SelfHeal.Sidecar.Config;

namespace SelfHeal.Sidecar.Hosting;

/// <summary>Turns the TLS section of the configuration into what Kestrel wants.</summary>
internal static class XdsTls
{
    private const string ClientAuthentication = "1.3.6.1.5.5.7.3.2";

    /// <summary>Loads the files.</summary>
    /// <param name="options">Where they are.</param>
    /// <exception cref="TlsFailedException">One of them cannot be used.</exception>
    public static HttpsConnectionAdapterOptions Load(XdsTlsOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        var chain = LoadPem("xds.tls.certificate", options.Certificate);
        var https = new HttpsConnectionAdapterOptions
        {
            ServerCertificate = LoadWithKey(options),
            ServerCertificateChain = chain,
            SslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
        };
        if (options.ClientCa is { } path)
        {
            var authorities = LoadPem("xds.tls.client_ca", path);
            https.ClientCertificateMode = ClientCertificateMode.RequireCertificate;
            https.ClientCertificateValidation = (certificate, sent, _) => IsSignedBy(authorities, certificate, sent);
        }

        return https;
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

    private static bool IsSignedBy(
        X509Certificate2Collection authorities, X509Certificate2 certificate, X509Chain? sent)
    {
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.AddRange(authorities);
        // A gateway must start while the authority's network is down; whoever needs revocation issues for hours.
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.ApplicationPolicy.Add(new Oid(ClientAuthentication));
        foreach (var element in sent?.ChainElements ?? Enumerable.Empty<X509ChainElement>())
            chain.ChainPolicy.ExtraStore.Add(element.Certificate);
        return chain.Build(certificate);
    }

    private static bool IsBadFile(Exception exception) =>
        exception is IOException or UnauthorizedAccessException or CryptographicException or ArgumentException;
}
