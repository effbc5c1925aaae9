namespace SelfHeal.Core.Detection;

/// <summary>The arithmetic of one look, without state: counts in, statistic, effect and verdict out.</summary>
internal sealed class LookJudge(DetectionOptions options)
{
    private const long PpbScale = 1_000_000_000;
    private readonly long _flushes = FlushesIn(options.FalseAlarmPeriod, options.FlushInterval);
    private readonly long _suspectFlushes = FlushesIn(options.SuspectPeriod, options.FlushInterval);

    public long Threshold { get; private set; }

    public long SuspectThreshold { get; private set; }

    /// <summary>J: more series raise both bars, so that the bound holds for the whole system.</summary>
    public void SetSeries(long series)
    {
        Threshold = Likelihood.Threshold(_flushes, series);
        SuspectThreshold = Likelihood.Threshold(_suspectFlushes, series);
    }

    /// <summary>F of a window.</summary>
    public static long Statistic(LookKind kind, in LookInput input, in LookTerms terms)
    {
        var expected = input.Total * Baseline(kind, input, terms);
        return terms.Falls
            ? Likelihood.Falls(input.Events, expected, terms.Shape)
            : Likelihood.Rises(input.Events, expected, terms.Shape);
    }

    /// <summary>Whether the effect is large enough to matter.</summary>
    public bool EffectHolds(LookKind kind, in LookInput input, in LookTerms terms)
    {
        var (ratio, limit) = Effect(kind, input, terms);
        return terms.Falls ? ratio <= limit : ratio >= limit;
    }

    /// <summary>The whole look.</summary>
    public LookResult Judge(LookKind kind, in LookInput input, in LookTerms terms, long statistic, bool isMeasured)
    {
        var baseline = Baseline(kind, input, terms);
        var (ratio, limit) = Effect(kind, input, terms);
        var isContrast = kind == LookKind.Contrast;
        var contrast = isContrast ? Evidence(input) : 0;
        var logOdds = isContrast ? LogOdds(input) : 0;

        // F takes the siblings' ratio as known, so a large version against a small one that was lucky in a burst that
        // both share would be blamed. The log odds weigh both sides' counts: a contrast must clear the bar with both.
        var strength = isContrast ? Math.Min(statistic, logOdds) : statistic;
        var mayBlame = isMeasured
            && (terms.Falls || input.Events >= options.EventsMinimum)
            && (terms.Falls ? ratio <= limit : ratio >= limit)
            && (!isContrast || contrast > 0);
        return new LookResult
        {
            Kind = kind,
            Events = input.Events,
            Total = input.Total,
            ExpectedMicros = FixedMath.Scale(input.Total * baseline, 1_000_000),
            BaselinePpb = FixedMath.Scale(baseline, PpbScale),
            BaselineSource = isContrast ? BaselineSource.Siblings : terms.Source,
            BaselineEvents = isContrast ? 0 : FixedMath.Scale(terms.BaselineEvents, 1),
            BaselineTotal = isContrast ? 0 : FixedMath.Scale(terms.BaselineTotal, 1),
            SiblingEvents = input.SiblingEvents,
            SiblingTotal = input.SiblingTotal,
            ContrastMilliDecibans = contrast,
            ContrastLogOdds = logOdds,
            ShapeMillis = FixedMath.Scale(terms.Shape, 1_000),
            Statistic = statistic,
            Threshold = Threshold,
            SuspectThreshold = SuspectThreshold,
            ShrunkenRatioPpb = ratio,
            EffectLimitPpb = limit,
            Verdict = mayBlame && strength >= Threshold ? Verdict.Breach
                : isMeasured && IsClear(input, terms, statistic, limit) ? Verdict.Clear
                : Verdict.NoEvidence,
            IsSuspect = mayBlame && strength >= SuspectThreshold,
        };
    }

    /// <summary>
    /// Clear is measured: enough requests (1,000 without an event leave a ratio of 0.5 % a chance below 1 % where
    /// nothing is bursty), a statistic that leans to the baseline, and a plain ratio below what would be an effect. It
    /// counts against a hypothesis; it does not close a contract, whose test (<see cref="ClearTest"/>) allows for
    /// burstiness. That nothing is missing is seen from the events, so a fall wants as many of those.
    /// </summary>
    private bool IsClear(in LookInput input, in LookTerms terms, long statistic, long limit)
    {
        if (statistic > 0)
            return false;
        var ratio = (Int128)input.Events * PpbScale;
        return terms.Falls
            ? input.Events >= options.ClearTotalMinimum && ratio > (Int128)limit * input.Total
            : input.Total >= options.ClearTotalMinimum && ratio < (Int128)limit * input.Total;
    }

    private static double Baseline(LookKind kind, in LookInput input, in LookTerms terms) =>
        kind == LookKind.Contrast
            ? Contrast.SiblingRatio(input.SiblingEvents, input.SiblingTotal, terms.Baseline)
            : terms.Baseline;

    /// <summary>The ratio that is held against a limit, and the limit, in parts per billion. A rise: shrunken to the
    /// baseline, three baselines and half a percent. A fall: plain, half of the baseline.</summary>
    private (long Ratio, long Limit) Effect(LookKind kind, in LookInput input, in LookTerms terms)
    {
        var baseline = Baseline(kind, input, terms);
        if (terms.Falls)
        {
            var plain = input.Total == 0 ? baseline : (double)input.Events / input.Total;
            return (FixedMath.Scale(plain, PpbScale), FixedMath.Scale(options.CollapseRatio * baseline, PpbScale));
        }

        var prior = options.ShrinkageWeight * baseline;
        var ratio = FixedMath.Scale((input.Events + prior) / (input.Total + options.ShrinkageWeight), PpbScale);

        // Of siblings, the plain ratio counts too where it is above the shrunken one: few sibling requests are shrunken
        // far down, and a failure that all share would look like the member's own.
        if (kind == LookKind.Contrast && input.SiblingTotal > 0)
            baseline = Math.Max(baseline, (double)input.SiblingEvents / input.SiblingTotal);
        var limit = Math.Max(options.EffectRatio * baseline, options.EffectAbsolute);
        return (ratio, FixedMath.Scale(limit, PpbScale));
    }

    private static long Evidence(in LookInput input) =>
        Contrast.Evidence(
            Math.Min(input.Events, input.Total),
            input.Total,
            Math.Min(input.SiblingEvents, input.SiblingTotal),
            input.SiblingTotal);

    private static long LogOdds(in LookInput input) =>
        Contrast.LogOdds(
            Math.Min(input.Events, input.Total),
            input.Total,
            Math.Min(input.SiblingEvents, input.SiblingTotal),
            input.SiblingTotal);

    private static long FlushesIn(TimeSpan period, TimeSpan interval) => Math.Max(1, period.Ticks / interval.Ticks);
}
