using System.Collections.Immutable;
using SelfHeal.Xds.Resources;
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
}
