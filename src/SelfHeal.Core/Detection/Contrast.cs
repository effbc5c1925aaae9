namespace SelfHeal.Core.Detection;

/// <summary>A member against its siblings in the same window: only the difference blames a version, host or
/// zone.</summary>
public static class Contrast
{
    /// <summary>Units in a decibel of evidence: results are milli-decibans.</summary>
    public const long DecibanScale = 1_000;

    /// <summary>The limit of what one contrast may say: 12 decibans either way.</summary>
    public const long Clip = 12 * DecibanScale;

    private const double DecibansPerNat = 4.34294481903251827651;

    /// <summary>The member's expected events from its siblings: m = n max(p0, (e2 + 1) / (n2 + 1/p0)).</summary>
    /// <param name="total">n of the member.</param>
    /// <param name="siblingEvents">e2.</param>
    /// <param name="siblingTotal">n2.</param>
    /// <param name="baseline">p0, above zero.</param>
    public static double Expected(long total, long siblingEvents, long siblingTotal, double baseline) =>
        total * SiblingRatio(siblingEvents, siblingTotal, baseline);

    /// <summary>
    /// The siblings' ratio, shrunken to the baseline, (e2 + 1) / (n2 + 1/p0), and at least the baseline: siblings that
    /// happen to be lucky do not make a member guilty that behaves as it always does.
    /// </summary>
    /// <param name="siblingEvents">e2.</param>
    /// <param name="siblingTotal">n2.</param>
    /// <param name="baseline">p0, above zero.</param>
    public static double SiblingRatio(long siblingEvents, long siblingTotal, double baseline) =>
        Math.Max(baseline, (siblingEvents + 1.0) / (siblingTotal + (1 / baseline)));

    /// <summary>
    /// The log odds of two ratios against one, ln B(½+e1, ½+n1-e1) + ln B(½+e2, ½+n2-e2) - ln B(½, ½)
    /// - ln B(½+e1+e2, ½+n1+n2-e1-e2), as milli-decibans before clipping.
    /// </summary>
    /// <param name="events">e1, at most <paramref name="total"/>.</param>
    /// <param name="total">n1.</param>
    /// <param name="siblingEvents">e2, at most <paramref name="siblingTotal"/>.</param>
    /// <param name="siblingTotal">n2.</param>
    public static long MilliDecibans(long events, long total, long siblingEvents, long siblingTotal) =>
        FixedMath.Scale(Nats(events, total, siblingEvents, siblingTotal) * DecibansPerNat, DecibanScale);

    /// <summary>The same log odds in micro-nats, to be held against the bars of the window looks.</summary>
    /// <param name="events">e1, at most <paramref name="total"/>.</param>
    /// <param name="total">n1.</param>
    /// <param name="siblingEvents">e2, at most <paramref name="siblingTotal"/>.</param>
    /// <param name="siblingTotal">n2.</param>
    public static long LogOdds(long events, long total, long siblingEvents, long siblingTotal) =>
        FixedMath.Scale(Nats(events, total, siblingEvents, siblingTotal), FixedMath.NatScale);

    /// <summary>
    /// The same as evidence: clipped to ±12 decibans, and positive only where the member's ratio is at least three
    /// times its siblings' (otherwise at most 0).
    /// </summary>
    /// <param name="events">e1, at most <paramref name="total"/>.</param>
    /// <param name="total">n1.</param>
    /// <param name="siblingEvents">e2, at most <paramref name="siblingTotal"/>.</param>
    /// <param name="siblingTotal">n2.</param>
    public static long Evidence(long events, long total, long siblingEvents, long siblingTotal)
    {
        var raw = MilliDecibans(events, total, siblingEvents, siblingTotal);

        // e1/n1 >= 3 e2/n2 in integers; 128 bits, because both sides are products of two counts.
        var isHigher = total > 0
            && siblingTotal > 0
            && (Int128)events * siblingTotal >= 3 * (Int128)siblingEvents * total;
        return Math.Clamp(isHigher ? raw : Math.Min(raw, 0), -Clip, Clip);
    }

    private static double Nats(long events, long total, long siblingEvents, long siblingTotal)
    {
        Invariant.Assert(events >= 0 && events <= total, "A member's events are among its total");
        Invariant.Assert(siblingEvents >= 0 && siblingEvents <= siblingTotal, "Siblings' events are among their total");
        var good = total - events;
        var siblingGood = siblingTotal - siblingEvents;
        var apart = FixedMath.LnBeta(0.5 + events, 0.5 + good)
            + FixedMath.LnBeta(0.5 + siblingEvents, 0.5 + siblingGood);
        var together = FixedMath.LnBeta(0.5, 0.5)
            + FixedMath.LnBeta(0.5 + (events + siblingEvents), 0.5 + (good + siblingGood));
        return apart - together;
    }
}
