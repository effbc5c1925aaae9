using SelfHeal.Xds.Resources;
using SelfHeal.Xds.Snapshots;

namespace SelfHeal.Sidecar.Xds.Proxies;

/// <summary>One resource in which a proxy does not hold what is intended for it.</summary>
/// <param name="TypeUrl">The type.</param>
/// <param name="Name">The resource.</param>
/// <param name="IntendedHash">Null if it is intended to have none.</param>
/// <param name="HeldHash">Null if it holds none.</param>
/// <param name="Intended">The intended content; null if there is none.</param>
/// <param name="Held">The content that it holds; null if there is none, or an earlier process gave it.</param>
internal sealed record ResourceDifference(
    string TypeUrl, string Name, string? IntendedHash, string? HeldHash, XdsResource? Intended, XdsResource? Held)
{
    /// <summary><c>missing</c>, <c>extra</c> or <c>different</c>.</summary>
    public string Kind => HeldHash is null ? "missing" : IntendedHash is null ? "extra" : "different";

    /// <summary>All of one type, sorted by name.</summary>
    /// <param name="type">How the type stands.</param>
    /// <param name="intended">What is intended; null if nothing is served.</param>
    public static IEnumerable<ResourceDifference> Of(ProxyTypeView type, ValidatedSnapshot? intended)
    {
        ArgumentNullException.ThrowIfNull(type);
        var set = intended?.Get(type.TypeUrl) ?? ResourceSet.Empty(type.TypeUrl);
        var names = new SortedSet<string>(StringComparer.Ordinal);
        names.UnionWith(set.Resources.Select(static r => r.Name).Where(type.Wants));
        names.UnionWith(type.Held?.Versions.Select(static v => v.Name) ?? []);
        foreach (var name in names)
        {
            var (wanted, heldHash) = (set.Find(name), type.Held?.FindHash(name));
            if (wanted?.ContentHash == heldHash)
                continue;
            yield return new ResourceDifference(
                type.TypeUrl, name, wanted?.ContentHash, heldHash, wanted, type.Held?.Find(name));
        }
    }
}
