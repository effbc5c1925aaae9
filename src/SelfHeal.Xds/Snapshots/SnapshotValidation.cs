using System.Collections.Immutable;

namespace SelfHeal.Xds.Snapshots;

/// <summary>The verdict on a snapshot.</summary>
/// <param name="Snapshot">What can be served; null if there are errors.</param>
/// <param name="Errors">All of them, by type in send order and by name; empty if it can be served.</param>
public sealed record SnapshotValidation(ValidatedSnapshot? Snapshot, ImmutableArray<SnapshotError> Errors);
