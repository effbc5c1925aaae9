using System.Collections.Immutable;
using SelfHeal.Xds.Resources.Descriptors;

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

    /// <summary>
    /// Whether the rules that the API writes on its fields must hold. Default: true. False is for what clients have
    /// accepted already, which may be of a newer API with other rules.
    /// </summary>
    public bool CheckRules { get; init; } = true;

    /// <summary>
    /// The types by whose rules resources are checked. Default: those of the pinned API. A resource of a type that is
    /// not among them is opaque and taken as it is.
    /// </summary>
    public DescriptorIndex Types { get; init; } = DescriptorIndex.Pinned;
}
