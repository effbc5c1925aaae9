using System.Collections.Immutable;
using SelfHeal.Xds.Sessions;
using SelfHeal.Xds.Snapshots;

namespace SelfHeal.Sidecar.Xds.Proxies;

/// <summary>One NACK.</summary>
/// <param name="TypeUrl">The type.</param>
/// <param name="Version">Of the rejected response.</param>
/// <param name="Nonce">Of the rejected response.</param>
/// <param name="Code">The gRPC status code that the proxy gave.</param>
/// <param name="Message">The proxy's own words.</param>
/// <param name="At">When it came.</param>
/// <param name="Resources">What in the response was new to the proxy, sorted by name.</param>
/// <param name="Omitted">How many more there were.</param>
internal sealed record ProxyRejection(
    string TypeUrl,
    string Version,
    string Nonce,
    int Code,
    string Message,
    DateTimeOffset At,
    ImmutableArray<RejectedResource> Resources,
    int Omitted)
{
    // A response of a whole set may carry thousands; what is new in it is the change that was pushed, a handful. More
    // than these are counted and not kept: each keeps a content alive that may be served nowhere any more.
    private const int ResourcesMax = 50;

    /// <summary>What is kept of a NACK.</summary>
    /// <param name="rejected">The session's event.</param>
    /// <param name="held">What the proxy holds.</param>
    /// <param name="at">The time.</param>
    public static ProxyRejection Of(SessionEvent.Rejected rejected, ClientContents? held, DateTimeOffset at)
    {
        ArgumentNullException.ThrowIfNull(rejected);
        var isSecret = rejected.TypeUrl is SelfHeal.Xds.Resources.TypeUrl.Secret;
        var kept = ImmutableArray.CreateBuilder<RejectedResource>();
        var omitted = 0;
        foreach (var resource in rejected.Resources)
        {
            if (held?.FindHash(resource.Name) == resource.ContentHash)
                continue;
            if (kept.Count == ResourcesMax)
            {
                omitted++;
                continue;
            }

            kept.Add(new RejectedResource(
                resource.Name,
                resource.ContentHash,
                isSecret ? null : resource,
                isSecret ? null : held?.Find(resource.Name),
                IsCulprit: false));
        }

        return new ProxyRejection(
            rejected.TypeUrl,
            rejected.Version,
            rejected.Nonce,
            rejected.Code,
            rejected.Message,
            at,
            kept.ToImmutable(),
            omitted);
    }

    /// <summary>
    /// What of it still stands: contents that are intended as they were rejected, and that the proxy does not hold.
    /// Once something else is intended, or the content was accepted after all, the NACK is history.
    /// </summary>
    /// <param name="held">What the proxy holds.</param>
    /// <param name="intended">What is intended for it; null where that is not known: then all of it stands.</param>
    public IEnumerable<RejectedResource> Standing(ClientContents? held, ValidatedSnapshot? intended) => Resources.Where(
        r => held?.FindHash(r.Name) != r.ContentHash
            && (intended is null || intended.Get(TypeUrl).Find(r.Name)?.ContentHash == r.ContentHash));

    /// <summary>This NACK with its reason found.</summary>
    /// <param name="isolated">The session's event.</param>
    public ProxyRejection With(SessionEvent.Isolated isolated)
    {
        ArgumentNullException.ThrowIfNull(isolated);
        return this with
        {
            Resources = [.. Resources.Select(r => r.Name == isolated.Name && r.ContentHash == isolated.ContentHash
                ? r with { IsCulprit = true }
                : r)],
        };
    }
}
