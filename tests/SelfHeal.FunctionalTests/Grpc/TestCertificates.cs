using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace SelfHeal.FunctionalTests.Grpc;

/// <summary>An authority and what it issues, made in memory for one test.</summary>
internal sealed class TestCertificates : IDisposable
{
    private static readonly DateTimeOffset NotBefore = TimeProvider.System.GetUtcNow().AddHours(-1);

    private readonly X509Certificate2 _authority;

    public TestCertificates(string name)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign, true));
        _authority = request.CreateSelfSigned(NotBefore, NotBefore.AddDays(1));
    }

    public X509Certificate2Collection Authorities => [X509CertificateLoader.LoadCertificate(_authority.RawData)];

    public string AuthorityPem => _authority.ExportCertificatePem();

    public X509Certificate2 IssueServer() => IssueServer("localhost");

    public X509Certificate2 IssueServer(string name) => Issue(name, "1.3.6.1.5.5.7.3.1");

    public X509Certificate2 IssueClient(string name) => Issue(name, "1.3.6.1.5.5.7.3.2");

    /// <summary>A client's certificate that names a workload by URI, as SPIFFE does.</summary>
    public X509Certificate2 IssueWorkload(string uri)
    {
        var names = new SubjectAlternativeNameBuilder();
        names.AddUri(new Uri(uri));
        return Issue("workload", "1.3.6.1.5.5.7.3.2", names);
    }

    public void Dispose() => _authority.Dispose();

    private X509Certificate2 Issue(string name, string usage)
    {
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName(name);
        names.AddIpAddress(IPAddress.Loopback);
        return Issue(name, usage, names);
    }

    private X509Certificate2 Issue(string name, string usage, SubjectAlternativeNameBuilder names)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid(usage)], false));
        request.CertificateExtensions.Add(names.Build());
        using var issued = request.Create(_authority, NotBefore, NotBefore.AddHours(12),
            RandomNumberGenerator.GetBytes(8));
        using var withKey = issued.CopyWithPrivateKey(key);
        return X509CertificateLoader.LoadPkcs12(
            withKey.Export(X509ContentType.Pfx), null, X509KeyStorageFlags.Exportable);
    }
}
