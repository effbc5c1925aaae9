namespace SelfHeal.Core.Loads;

/// <summary>The requests of one place in one reporting period.</summary>
/// <param name="Issued">Sent to it in the period.</param>
/// <param name="InProgress">Under way at the end of the period; a snapshot, not a count.</param>
/// <param name="Successful">Answered in the period without a failure.</param>
/// <param name="Errors">Failed in the period: 5xx, gRPC errors, resets, timeouts.</param>
public readonly record struct LoadCounts(long Issued, long InProgress, long Successful, long Errors)
{
    /// <summary>The sum of both, each of its own place.</summary>
    /// <param name="other">Another place, or for all but <see cref="InProgress"/> another period.</param>
    public LoadCounts Plus(LoadCounts other) => new(
        Issued + other.Issued,
        InProgress + other.InProgress,
        Successful + other.Successful,
        Errors + other.Errors);
}
