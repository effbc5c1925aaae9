using System.Collections.Immutable;

namespace SelfHeal.Xds.Overlays;

/// <summary>
/// What the source of configuration says of that which an overlay sets, as text. An overlay answers what the source
/// said when it was decided; where the source speaks again, it wins.
/// </summary>
public static class OverlayBasis
{
    /// <summary>Nothing is known of any overlay.</summary>
    public static ImmutableDictionary<string, string> None { get; } =
        ImmutableDictionary.Create<string, string>(StringComparer.Ordinal);

    /// <summary>The basis of an overlay on weighted clusters: the whole split.</summary>
    /// <param name="weights">Every cluster and its weight, in any order.</param>
    public static string OfSplit(IEnumerable<(string Cluster, uint Weight)> weights) => string.Join(
        ", ",
        weights.OrderBy(static each => each.Cluster, StringComparer.Ordinal)
            .ThenBy(static each => each.Weight)
            .Select(static each => $"{each.Cluster}={each.Weight}"));
}
