namespace SelfHeal.Core.Detection;

/// <summary>
/// The one statistic of detection (judgement, section 2): how much better a rate of r times the expected one explains
/// the events than the expected one does, averaged over a fixed mixture of r. All results are micro-nats
/// (<see cref="FixedMath.NatScale"/>).
/// </summary>
public static class Likelihood
{
    /// <summary>How many sizes each mixture has.</summary>
    public const int SizeCount = 6;

    internal const double LnSix = 1.79175946922805500081;
    internal static readonly double[] RiseSizes = [1.5, 2, 3, 5, 10, 30];
    internal static readonly double[] FallSizes = [0.67, 0.5, 0.33, 0.2, 0.1, 0.03];
    internal static readonly double[] RiseLogs = Array.ConvertAll(RiseSizes, FixedMath.Ln);
    internal static readonly double[] FallLogs = Array.ConvertAll(FallSizes, FixedMath.Ln);

    /// <summary>The sizes r of a rise: 1.5, 2, 3, 5, 10, 30.</summary>
    public static ReadOnlySpan<double> Rise => RiseSizes;

    /// <summary>The sizes r of a collapse: 0.67, 0.5, 0.33, 0.2, 0.1, 0.03.</summary>
    public static ReadOnlySpan<double> Fall => FallSizes;

    /// <summary>l(r) = e ln r - (e + k) ln((k + m r) / (k + m)), for one size of a rise.</summary>
    /// <param name="events">e, not negative.</param>
    /// <param name="expected">m, not negative.</param>
    /// <param name="shape">k, above zero; positive infinity gives e ln r - m (r - 1).</param>
    /// <param name="size">Place in <see cref="Rise"/>.</param>
    /// <returns>Micro-nats.</returns>
    public static long RiseAt(long events, double expected, double shape, int size) =>
        FixedMath.Scale(At(events, expected, shape, RiseSizes[size], RiseLogs[size]), FixedMath.NatScale);

    /// <summary>F = ln((1/6) sum over r of exp l(r)) for a rise: the window look.</summary>
    /// <param name="events">e, not negative.</param>
    /// <param name="expected">m, not negative.</param>
    /// <param name="shape">k, above zero.</param>
    /// <returns>Micro-nats.</returns>
    public static long Rises(long events, double expected, double shape) =>
        Mix(events, expected, shape, RiseSizes, RiseLogs);

    /// <summary>The same for a collapse: completions that should have come and did not.</summary>
    /// <param name="events">e, not negative.</param>
    /// <param name="expected">m, not negative.</param>
    /// <param name="shape">k, above zero.</param>
    /// <returns>Micro-nats.</returns>
    public static long Falls(long events, double expected, double shape) =>
        Mix(events, expected, shape, FallSizes, FallLogs);

    /// <summary>G = ln((1/6) sum of exp S): the slow look's mixture of its six sums.</summary>
    /// <param name="sums">Six sums in micro-nats.</param>
    /// <returns>Micro-nats.</returns>
    public static long MixOf(ReadOnlySpan<long> sums)
    {
        Invariant.Assert(sums.Length == SizeCount, "The mixture has six sizes");
        var largest = sums[0];
        for (var i = 1; i < sums.Length; i++)
            largest = Math.Max(largest, sums[i]);

        // Relative to the largest, no exponential can overflow.
        var total = 0.0;
        for (var i = 0; i < sums.Length; i++)
            total += FixedMath.Exp((double)(sums[i] - largest) / FixedMath.NatScale);
        return largest + FixedMath.Scale(FixedMath.Ln(total) - LnSix, FixedMath.NatScale);
    }

    /// <summary>The bar: ln(9 N J), so that a period of N flushes over J series has one false alarm at most.</summary>
    /// <param name="flushes">N, above zero.</param>
    /// <param name="series">J, above zero.</param>
    /// <returns>Micro-nats.</returns>
    public static long Threshold(long flushes, long series)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(flushes, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(series, 1);
        return FixedMath.Scale(FixedMath.Ln(9.0 * flushes * series), FixedMath.NatScale);
    }

    private static long Mix(long events, double expected, double shape, double[] sizes, double[] logs)
    {
        // Hot path: allocation-free.
        Span<long> likelihoods = stackalloc long[SizeCount];
        for (var i = 0; i < SizeCount; i++)
        {
            var likelihood = At(events, expected, shape, sizes[i], logs[i]);
            likelihoods[i] = FixedMath.Scale(likelihood, FixedMath.NatScale);
        }

        return MixOf(likelihoods);
    }

    private static double At(long events, double expected, double shape, double size, double logOfSize)
    {
        Invariant.Assert(events >= 0 && expected >= 0, "Counts are not negative");
        Invariant.Assert(shape > 0, "The shape is positive");
        if (double.IsPositiveInfinity(shape))
            return (events * logOfSize) - (expected * (size - 1));
        var ratio = (shape + (expected * size)) / (shape + expected);
        return (events * logOfSize) - ((events + shape) * FixedMath.Ln(ratio));
    }
}
