using System.Collections.Immutable;
using System.Net;
using System.Security.Cryptography.X509Certificates;

namespace SelfHeal.Sidecar.Security;

/// <summary>Who is at the other end of a connection.</summary>
/// <param name="Key">
/// What its streams are counted under: the first name of its certificate, else its address without the port.
/// </param>
/// <param name="Names">The alternative names of its certificate; empty without one.</param>
/// <param name="HasCertificate">Whether it proved to hold a certificate.</param>
internal sealed record PeerIdentity(string Key, ImmutableArray<string> Names, bool HasCertificate)
{
    /// <summary>The identity of a peer.</summary>
    /// <param name="address"><c>ip:port</c>, or <c>unix:path</c>.</param>
    /// <param name="certificate">The certificate that it proved to hold; null without one.</param>
    public static PeerIdentity Of(string address, X509Certificate2? certificate)
    {
        ArgumentNullException.ThrowIfNull(address);
        var names = certificate is null ? [] : SubjectNames.Of(certificate);
        var host = IPEndPoint.TryParse(address, out var endPoint) ? endPoint.Address.ToString() : address;
        var key = names is [var first, ..] ? first : certificate?.Thumbprint ?? host;
        return new PeerIdentity(key, names, certificate is not null);
    }

    /// <summary>For messages and the log.</summary>
    public override string ToString() => Names.IsEmpty ? Key : string.Join(", ", Names);
}
