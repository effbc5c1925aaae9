using System.Collections.Immutable;
using SelfHeal.Xds.Resources;
using SelfHeal.Xds.Sessions;

namespace SelfHeal.Sidecar.Xds.Proxies;

/// <summary>How one type stands on one stream, at one moment.</summary>
/// <param name="TypeUrl">The type.</param>
/// <param name="Wildcard">Whether the proxy asks for everything.</param>
/// <param name="Names">The names that it asks for, sorted.</param>
/// <param name="State"><c>not_sent</c>, <c>stale</c>, <c>synced</c> or <c>error</c>, as CSDS has them.</param>
/// <param name="SentVersion">Of the response that was sent last.</param>
/// <param name="HeldVersion">Of the response that was accepted last; empty if none was.</param>
/// <param name="Held">What the proxy holds; null before it said so.</param>
/// <param name="Pending">What is on its way and not answered.</param>
/// <param name="Rejection">The last NACK; null if there was none.</param>
/// <param name="UpdatedAt">When the state last changed.</param>
internal sealed record ProxyTypeView(
    string TypeUrl,
    bool Wildcard,
    ImmutableArray<string> Names,
    string State,
    string SentVersion,
    string HeldVersion,
    ClientContents? Held,
    ImmutableArray<XdsResource> Pending,
    ProxyRejection? Rejection,
    DateTimeOffset UpdatedAt)
{
    /// <summary>Whether the proxy asks for a name.</summary>
    /// <param name="name">Of a resource.</param>
    public bool Wants(string name) =>
        Wildcard || ImmutableArray.BinarySearch(Names, name, StringComparer.Ordinal) >= 0;
}
