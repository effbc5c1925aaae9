using System.Collections.Immutable;
using SelfHeal.Core.Remediation;
using SelfHeal.Xds.Overlays;

namespace SelfHeal.Xds.Snapshots;

/// <summary>A base snapshot under overlays.</summary>
/// <param name="Snapshot">What can be served: the base's very instance if nothing changes it.</param>
/// <param name="Laid">The overlays in it, in the ordinal order of their ids.</param>
/// <param name="Refused">Overlays that could not be laid on, in the same order; the snapshot is without them.</param>
public sealed record SnapshotBuild(
    ValidatedSnapshot Snapshot, ImmutableArray<Overlay> Laid, ImmutableArray<OverlayError> Refused)
{
    /// <summary>By the id of each laid overlay, what the source says of that which it sets.</summary>
    public ImmutableDictionary<string, string> Bases { get; init; } = OverlayBasis.None;
}
