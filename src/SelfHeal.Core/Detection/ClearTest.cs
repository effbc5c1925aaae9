namespace SelfHeal.Core.Detection;

/// <summary>
/// The test that something is over (judgement, section 5): how likely so few events would be if the ratio were still
/// bad. Negative-binomial per block; blocks no closer than the correlation time multiply, so their logarithms add.
/// </summary>
public static class ClearTest
{
    /// <summary>ln P(at most e events of n | p_bad, k): negative-binomial of mean n p_bad and shape k.</summary>
    /// <param name="events">e.</param>
    /// <param name="total">n; 0 gives 0, which excludes nothing.</param>
    /// <param name="badRatio">p_bad, in (0, 1).</param>
    /// <param name="shape">k, above zero; positive infinity: no burstiness, the binomial distribution.</param>
    /// <returns>Micro-nats, at most 0.</returns>
    public static long LnTail(long events, long total, double badRatio, double shape)
    {
        Invariant.Assert(events >= 0 && total >= 0, "Counts are not negative");
        Invariant.Assert(badRatio is > 0 and < 1 && shape > 0, "The bad ratio is a ratio and the shape is positive");
        var mean = total * badRatio;
        if (mean <= 0)
            return 0;

        // From the mean up the tail is never small: no alpha in use is near it, and the sum below would be long.
        if (events >= mean)
            return 0;
        var isBinomial = double.IsPositiveInfinity(shape);
        var lnTop = isBinomial ? LnBinomial(events, total, badRatio) : LnNegativeBinomial(events, mean, shape);
        var sum = 1.0;
        var term = 1.0;

        // Downwards from e the terms shrink, since e lies below the mean; a term beyond 1e-18 of the sum adds nothing.
        for (var count = events; count > 0 && term > sum * 1e-18; count--)
        {
            term *= isBinomial
                ? (count / (total - count + 1.0)) * ((1 - badRatio) / badRatio)
                : (count / (count - 1 + shape)) * ((shape + mean) / mean);
            sum += term;
        }

        return Math.Min(0, FixedMath.Scale(lnTop + FixedMath.Ln(sum), FixedMath.NatScale));
    }

    /// <summary>Whether a bad ratio is excluded: the blocks' summed logarithms lie at or below ln alpha.</summary>
    /// <param name="lnTailSum">The sum of <see cref="LnTail"/> over blocks, micro-nats.</param>
    /// <param name="alpha">The risk of calling it over when it is not, in (0, 1).</param>
    public static bool Excludes(long lnTailSum, double alpha) =>
        lnTailSum <= FixedMath.Scale(FixedMath.Ln(alpha), FixedMath.NatScale);

    /// <summary>How many clean events in one block exclude a bad ratio: the n at which (1 + n p_bad / k)^-k
    /// is alpha, or without burstiness (1 - p_bad)^n.</summary>
    /// <param name="badRatio">p_bad, in (0, 1).</param>
    /// <param name="shape">k, above zero; positive infinity: no burstiness.</param>
    /// <param name="alpha">In (0, 1).</param>
    public static long CleanTotalNeeded(double badRatio, double shape, double alpha)
    {
        Invariant.Assert(badRatio is > 0 and < 1 && shape > 0, "The bad ratio is a ratio and the shape is positive");
        Invariant.Assert(alpha is > 0 and < 1, "The risk is a probability");
        var needed = double.IsPositiveInfinity(shape)
            ? FixedMath.Ln(alpha) / FixedMath.Ln(1 - badRatio)
            : shape * (FixedMath.Exp(-FixedMath.Ln(alpha) / shape) - 1) / badRatio;

        // A billionth off an integer is rounding, not one more request.
        return (long)Math.Ceiling(needed - 1e-6);
    }

    private static double LnNegativeBinomial(long events, double mean, double shape)
    {
        var choose = FixedMath.LnGamma(events + shape) - FixedMath.LnGamma(shape) - FixedMath.LnGamma(events + 1.0);
        return choose + (shape * FixedMath.Ln(shape / (shape + mean))) + LnPower(events, mean / (shape + mean));
    }

    private static double LnBinomial(long events, long total, double ratio)
    {
        var good = total - events;
        var choose = FixedMath.LnGamma(total + 1.0) - FixedMath.LnGamma(events + 1.0) - FixedMath.LnGamma(good + 1.0);
        return choose + LnPower(events, ratio) + (good * FixedMath.Ln(1 - ratio));
    }

    private static double LnPower(long events, double ratio) => events == 0 ? 0 : events * FixedMath.Ln(ratio);
}
