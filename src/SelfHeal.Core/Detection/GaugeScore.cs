namespace SelfHeal.Core.Detection;

/// <summary>
/// How far a gauge is from what it has been: the robust z-score 0.6745 (x - median) / max(MAD, floor), where MAD is the
/// median of the distances from the median. It is evidence only: nothing is opened and nothing acted on because of it.
/// </summary>
public static class GaugeScore
{
    /// <summary>Units in 1: scores are thousandths.</summary>
    public const long Scale = 1_000;

    // The median of a standard normal's distances from its median.
    private const long NormalScale = 6_745;
    private const long NormalUnits = 10_000;

    /// <summary>The score in thousandths.</summary>
    /// <param name="history">What the gauge was before; sorted in place. Empty gives 0.</param>
    /// <param name="value">What it is.</param>
    /// <param name="floor">The least spread that is believed, above zero: a gauge that never moved may move a little.
    /// </param>
    public static long RobustZ(Span<long> history, long value, long floor)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(floor, 1);
        if (history.IsEmpty)
            return 0;
        var median = Median(history);
        for (var i = 0; i < history.Length; i++)
            history[i] = Math.Abs(history[i] - median);
        var spread = Math.Max(floor, Median(history));
        return (long)((Int128)(value - median) * NormalScale * Scale / NormalUnits / spread);
    }

    /// <summary>The lower of the two middle values where their number is even.</summary>
    private static long Median(Span<long> values)
    {
        values.Sort();
        return values[(values.Length - 1) / 2];
    }
}
