using SelfHeal.Xds.Snapshots;

namespace SelfHeal.Xds.Accepted;

/// <summary>A last-known-good: what a rollback may go back to.</summary>
/// <param name="Snapshot">The configuration.</param>
/// <param name="Since">Since when it has been one; for display.</param>
/// <param name="ConfirmedAt">When it was last seen to work; for display and to count its age across processes.</param>
public sealed record VerifiedSnapshot(ValidatedSnapshot Snapshot, DateTimeOffset Since, DateTimeOffset ConfirmedAt);
