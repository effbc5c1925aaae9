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
    public long Statistic(LookKind kind, in LookInput input) =>
        Likelihood.Rises(input.Events, input.Total * Baseline(kind, input), Shape(kind));

    /// <summary>Whether the effect is large enough to matter.</summary>
    public bool EffectHolds(LookKind kind, in LookInput input) =>
        ShrunkenPpb(kind, input) >= EffectLimitPpb(kind, input);

    /// <summary>The whole look.</summary>
    public LookResult Judge(LookKind kind, in LookInput input, long statistic, bool isMeasured)
    {
        var baseline = Baseline(kind, input);
        var shrunken = ShrunkenPpb(kind, input);
        var limit = EffectLimitPpb(kind, input);
        var isContrast = kind == LookKind.Contrast;
        var contrast = isContrast ? Evidence(input) : 0;
        var logOdds = isContrast ? LogOdds(input) : 0;

        // F takes the siblings' ratio as known, so a large version against a small one that was lucky in a burst that
        // both share would be blamed. The log odds weigh both sides' counts: a contrast must clear the bar with both.
        var strength = isContrast ? Math.Min(statistic, logOdds) : statistic;
        var mayBlame = isMeasured
            && input.Events >= options.EventsMinimum
            && shrunken >= limit
            && (!isContrast || contrast > 0);
        return new LookResult
        {
            Kind = kind,
            Events = input.Events,
            Total = input.Total,
            ExpectedMicros = FixedMath.Scale(input.Total * baseline, 1_000_000),
            BaselinePpb = FixedMath.Scale(baseline, PpbScale),
            BaselineSource = isContrast ? BaselineSource.Siblings : BaselineSource.DeclaredDefault,
            SiblingEvents = input.SiblingEvents,
            SiblingTotal = input.SiblingTotal,
            ContrastMilliDecibans = contrast,
            ContrastLogOdds = logOdds,
            ShapeMillis = FixedMath.Scale(Shape(kind), 1_000),
            Statistic = statistic,
            Threshold = Threshold,
            SuspectThreshold = SuspectThreshold,
            ShrunkenRatioPpb = shrunken,
            EffectLimitPpb = limit,
            Verdict = mayBlame && strength >= Threshold ? Verdict.Breach
                : isMeasured && IsClear(input, statistic, limit) ? Verdict.Clear
                : Verdict.NoEvidence,
            IsSuspect = mayBlame && strength >= SuspectThreshold,
        };
    }

    /// <summary>
    /// Clear is measured: enough requests (1,000 without an event leave a ratio of 0.5 % a chance below 1 % where
    /// nothing is bursty), a statistic that leans to the baseline, and a plain ratio below what would be an effect. It
    /// counts against a hypothesis; it does not close a contract, whose test (<see cref="ClearTest"/>) allows for
    /// burstiness.
    /// </summary>
    private bool IsClear(in LookInput input, long statistic, long limit) =>
        input.Total >= options.ClearTotalMinimum
        && statistic <= 0
        && (Int128)input.Events * PpbScale < (Int128)limit * input.Total;

    private double Shape(LookKind kind) => kind == LookKind.Contrast ? options.ContrastShape : options.Shape;

    private double Baseline(LookKind kind, in LookInput input) =>
        kind == LookKind.Contrast
            ? Contrast.SiblingRatio(input.SiblingEvents, input.SiblingTotal, options.BaselineRatio)
            : options.BaselineRatio;

    private long ShrunkenPpb(LookKind kind, in LookInput input)
    {
        var prior = options.ShrinkageWeight * Baseline(kind, input);
        return FixedMath.Scale((input.Events + prior) / (input.Total + options.ShrinkageWeight), PpbScale);
    }

    /// <summary>
    /// Three baselines and half a percent. Of siblings, the plain ratio counts too where it is above the shrunken one:
    /// few sibling requests are shrunken far down, and a failure that all share would look like the member's own.
    /// </summary>
    private long EffectLimitPpb(LookKind kind, in LookInput input)
    {
        var baseline = Baseline(kind, input);
        if (kind == LookKind.Contrast && input.SiblingTotal > 0)
            baseline = Math.Max(baseline, (double)input.SiblingEvents / input.SiblingTotal);
        return FixedMath.Scale(Math.Max(options.EffectRatio * baseline, options.EffectAbsolute), PpbScale);
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
