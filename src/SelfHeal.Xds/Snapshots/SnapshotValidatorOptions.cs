using System.Collections.Immutable;

namespace SelfHeal.Xds.Snapshots;

/// <summary>What the validator may take for granted.</summary>
public sealed record SnapshotValidatorOptions
{
    /// <summary>
    /// Clusters that the clients' bootstrap defines itself, so that routes may name them without CDS. Default: none.
    /// </summary>
    public ImmutableHashSet<string> StaticClusters { get; init; } = [];

    /// <summary>
    /// Whether names that routes, listeners and clusters point at must be in the snapshot. Default: true. False is for
    /// relaying the resources of another control plane, which answers for its own references.
    /// </summary>
    public bool CheckReferences { get; init; } = true;
}
