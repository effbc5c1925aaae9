using System.Collections.Immutable;
using SelfHeal.Xds.Resources;
using SelfHeal.Xds.Resources.Descriptors;
using SelfHeal.Xds.Snapshots;

namespace SelfHeal.Sidecar.Xds;

/// <summary>What a look at the directory of resources gave.</summary>
/// <param name="Files">How many files there are.</param>
/// <param name="Snapshot">What can be served; null if there are errors.</param>
/// <param name="Errors">Everything that is wrong, each at its file, line and field.</param>
internal sealed record ResourceReading(
    int Files, ValidatedSnapshot? Snapshot, ImmutableArray<ResourceError> Errors)
{
    /// <summary>What can be served and yet keeps SelfHeal from judging, each at its file, line and field.</summary>
    public ImmutableArray<ResourceError> Warnings { get; init; } = [];

    /// <summary>The types by which it was read and must be validated.</summary>
    public DescriptorIndex Types { get; init; } = DescriptorIndex.Pinned;

    /// <summary>The directory's fingerprint of this content; null where the files changed all the while, so that none
    /// of it may be believed.</summary>
    public string? Fingerprint { get; init; }
}
