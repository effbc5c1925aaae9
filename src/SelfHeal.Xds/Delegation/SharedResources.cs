using SelfHeal.Xds.Resources;
using SelfHeal.Xds.Sessions;

namespace SelfHeal.Xds.Delegation;

/// <summary>
/// Equal resources of many relayed streams are one object: an upstream computes them for each node, and most of them
/// come out the same. Finding one costs a tenth of making it anew, whose content must be hashed.
/// </summary>
internal static class SharedResources
{
    // Ten times the largest meshes known. Beyond it equal resources are in memory more than once, and nothing else
    // happens.
    private static readonly WeakCache<XdsResource> Shared = new(200_000);

    /// <summary>The resource that all streams use.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="any">The encoded Any.</param>
    /// <param name="aliases">Other names.</param>
    /// <param name="ttl">Null: for ever.</param>
    /// <returns>Null for bytes that are no Any.</returns>
    public static XdsResource? Get(
        string name, ReadOnlyMemory<byte> any, IReadOnlyCollection<string> aliases, TimeSpan? ttl)
    {
        // What lives only now or is told beside its content is rare: it is not looked for.
        if (aliases.Count > 0 || ttl is not null)
            return XdsResource.FromAny(name, any, aliases, ttl);
        if (AnyPlace.Find(any) is null)
            return null;
        var hash = new HashCode();
        hash.AddBytes(any.Span);
        return Shared.GetOrAdd(
            ((long)any.Length << 32) | (uint)hash.ToHashCode(),
            found => found.Ttl is null && found.Aliases.IsEmpty
                && string.Equals(found.Name, XdstpName.Normalize(name), StringComparison.Ordinal)
                && found.AnyBytes.Span.SequenceEqual(any.Span),
            () => XdsResource.FromAny(name, any)
                ?? throw new InvalidOperationException("an Any was found in these bytes above"));
    }
}
