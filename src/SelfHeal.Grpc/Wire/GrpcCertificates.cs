using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace SelfHeal.Grpc.Wire;

/// <summary>Trust in the certificate of the other side.</summary>
internal static class GrpcCertificates
{
    /// <summary>Extended key usage of TLS servers (RFC 5280, section 4.2.1.12).</summary>
    public const string ServerUsage = "1.3.6.1.5.5.7.3.1";

    /// <summary>Extended key usage of TLS clients.</summary>
    public const string ClientUsage = "1.3.6.1.5.5.7.3.2";

    /// <summary>
    /// Whether a certificate comes from one of the given authorities; null means that the system's verdict stands. A
    /// name that does not match is never forgiven.
    /// </summary>
    public static bool IsTrusted(
        X509Certificate2 certificate,
        X509Chain? presented,
        SslPolicyErrors errors,
        X509Certificate2Collection? authorities,
        string usage)
    {
        if (authorities is null)
            return errors == SslPolicyErrors.None;
        if ((errors & ~SslPolicyErrors.RemoteCertificateChainErrors) != SslPolicyErrors.None)
            return false;
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.AddRange(authorities);
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        // Without it, a missing intermediate would be looked for over the network during a handshake.
        chain.ChainPolicy.DisableCertificateDownloads = true;
        chain.ChainPolicy.ApplicationPolicy.Add(new Oid(usage));
        foreach (var element in presented?.ChainElements ?? Enumerable.Empty<X509ChainElement>())
            chain.ChainPolicy.ExtraStore.Add(element.Certificate);
        if (presented is not null)
            chain.ChainPolicy.ExtraStore.AddRange(presented.ChainPolicy.ExtraStore);
        return chain.Build(certificate);
    }
}
