using System.Net.Security;
using System.Runtime.CompilerServices;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using SelfHeal.Grpc.Wire;

namespace SelfHeal.Grpc;

/// <summary>
/// Says for each connection how its handshake goes, so that certificates and authorities may change while the server
/// runs.
/// </summary>
internal sealed class GrpcHandshake
{
    private readonly GrpcServerTls _tls;
    private readonly List<SslApplicationProtocol> _protocols;

    // Building one takes a signature's time; it goes when its certificate goes.
    private readonly ConditionalWeakTable<X509Certificate2, SslStreamCertificateContext> _contexts = [];

    public GrpcHandshake(GrpcServerTls tls, HttpProtocols protocols)
    {
        _tls = tls;
        _protocols = [];
        if (protocols.HasFlag(HttpProtocols.Http2))
            _protocols.Add(SslApplicationProtocol.Http2);
        if (protocols.HasFlag(HttpProtocols.Http1))
            _protocols.Add(SslApplicationProtocol.Http11);
    }

    public SslServerAuthenticationOptions Options()
    {
        var asksClient = _tls.RequireClientCertificate || _tls.ClientAuthorities is not null
            || _tls.ValidateClient is not null;
        return new SslServerAuthenticationOptions
        {
            ServerCertificateContext = _contexts.GetValue(_tls.Certificate(), Context),
            EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
            ApplicationProtocols = _protocols,
            CertificateRevocationCheckMode = X509RevocationMode.NoCheck,
            ClientCertificateRequired = asksClient,
            RemoteCertificateValidationCallback = asksClient ? IsWelcome : null,
        };
    }

    private SslStreamCertificateContext Context(X509Certificate2 certificate) =>
        // Offline: a missing intermediate must not be looked for over the network during a handshake.
        SslStreamCertificateContext.Create(certificate, _tls.Chain?.Invoke(), offline: true);

    private bool IsWelcome(object sender, X509Certificate? shown, X509Chain? chain, SslPolicyErrors errors)
    {
        if (shown is not X509Certificate2 certificate)
            return shown is null && !_tls.RequireClientCertificate;
        var authorities = _tls.ClientAuthorities?.Invoke();
        return GrpcCertificates.IsTrusted(certificate, chain, errors, authorities, GrpcCertificates.ClientUsage)
            && (_tls.ValidateClient?.Invoke(certificate) ?? true);
    }
}
