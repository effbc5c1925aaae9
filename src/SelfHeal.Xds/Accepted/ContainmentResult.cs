using System.Collections.Immutable;
using SelfHeal.Xds.Snapshots;

namespace SelfHeal.Xds.Accepted;

/// <summary>What can be served without the contents in quarantine.</summary>
/// <param name="Snapshot">What can be served.</param>
/// <param name="Contained">What in it is not as it was meant to be, by type and name; empty if everything is.</param>
/// <param name="IsWhole">
/// Whether it is all that was accepted last, because the target could only be served without something that clients
/// hold.
/// </param>
public sealed record ContainmentResult(
    ValidatedSnapshot Snapshot, ImmutableArray<ContainedResource> Contained, bool IsWhole);
