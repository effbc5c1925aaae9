using System.Collections.Immutable;
using SelfHeal.Xds.Accepted;

namespace SelfHeal.Sidecar.Accepted;

/// <summary>What an earlier process has left.</summary>
/// <param name="Accepted">What the nodes of each group accepted last.</param>
/// <param name="Verified">The last-known-good of each group.</param>
/// <param name="Quarantine">Contents that are not served any more.</param>
internal sealed record KeptState(
    ImmutableSortedDictionary<string, KeptGroup> Accepted,
    ImmutableSortedDictionary<string, KeptGroup> Verified,
    Quarantine Quarantine)
{
    private static readonly ImmutableSortedDictionary<string, KeptGroup> None =
        ImmutableSortedDictionary.Create<string, KeptGroup>(StringComparer.Ordinal);

    /// <summary>Nothing.</summary>
    public static KeptState Empty { get; } = new(None, None, Quarantine.Empty);
}
