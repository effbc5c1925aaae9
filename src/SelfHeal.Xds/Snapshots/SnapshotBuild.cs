using System.Collections.Immutable;
using SelfHeal.Xds.Overlays;

namespace SelfHeal.Xds.Snapshots;

/// <summary>A base snapshot under overlays.</summary>
/// <param name="Snapshot">What can be served; null if the result is not valid, and then nothing may be pushed.</param>
/// <param name="Errors">What stands against the result.</param>
/// <param name="OverlayErrors">Overlays that could not be laid on; the snapshot is without them.</param>
public sealed record SnapshotBuild(
    ValidatedSnapshot? Snapshot,
    ImmutableArray<SnapshotError> Errors,
    ImmutableArray<OverlayError> OverlayErrors);
