namespace SelfHeal.Benchmarks.Feeding;

/// <summary>What a feeding process did.</summary>
/// <param name="Flushes">Flushes sent to their last byte, from the first on.</param>
/// <param name="Late">Of them, how many were still being sent when the next was due.</param>
/// <param name="FamiliesPerFlush">Samples in each.</param>
/// <param name="BytesPerFlush">Bytes of each message.</param>
/// <param name="MeasuredSeconds">The time behind the warm-up.</param>
/// <param name="CreditedBytes">What the servers gave credit for in that time.</param>
internal sealed record FeedResult(
    long Flushes, long Late, int FamiliesPerFlush, int BytesPerFlush, double MeasuredSeconds, long CreditedBytes)
{
    /// <summary>Samples a second, as the server's credit for bytes says: what it has taken, not what it was sent.
    /// </summary>
    public double SamplesPerSecond =>
        (double)CreditedBytes / BytesPerFlush * FamiliesPerFlush / MeasuredSeconds;
}
