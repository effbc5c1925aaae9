namespace SelfHeal.Core.Detection;

/// <summary>The declared numbers of detection (judgement, section 2).</summary>
public sealed class DetectionOptions
{
    /// <summary>p0, the ratio expected while there is no history. Default 0.001; above 0 and below 1.</summary>
    public double BaselineRatio { get; set; } = 0.001;

    /// <summary>k, the shape of a series against its own baseline; smaller is burstier. Default 1; 0.25 to
    /// 64.</summary>
    public double Shape { get; set; } = 1;

    /// <summary>kc, the shape of a version against its siblings, which share its bursts. Default 4; 0.25 to
    /// 64.</summary>
    public double ContrastShape { get; set; } = 4;

    /// <summary>kappa, how many requests the baseline weighs in a shrunken ratio. Default 1,000; above 0.</summary>
    public double ShrinkageWeight { get; set; } = 1_000;

    /// <summary>A breach needs a shrunken ratio of at least this many baselines. Default 3; above 1.</summary>
    public double EffectRatio { get; set; } = 3;

    /// <summary>A breach needs a shrunken ratio of at least this much. Default 0.005; above 0 and below 1.</summary>
    public double EffectAbsolute { get; set; } = 0.005;

    /// <summary>J, the number of series that share the bound. Default null: those that are watched are counted; a
    /// simulation of many systems in one detector declares how many one system has.</summary>
    public long? Series { get; set; }

    /// <summary>A collapse needs a rate of at most this share of the baseline's. Default 0.5; above 0 and below 1.
    /// </summary>
    public double CollapseRatio { get; set; } = 0.5;

    /// <summary>
    /// Responses slower than this are slow, whatever is normal. Default 500 ms; null: only the own history says what is
    /// slow.
    /// </summary>
    public TimeSpan? LatencyObjective { get; set; } = TimeSpan.FromMilliseconds(500);

    /// <summary>A breach needs at least this many events. Default 3; 1 and more.</summary>
    public long EventsMinimum { get; set; } = 3;

    /// <summary>A window is measured clear from this many requests on. Default 1,000 (kappa); 1 and more.</summary>
    public long ClearTotalMinimum { get; set; } = 1_000;

    /// <summary>The interval that N is counted in. Default 5 s; 100 ms to 10 min.</summary>
    public TimeSpan FlushInterval { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>One false breach of the whole system is allowed in this time. Default 1,000 days.</summary>
    public TimeSpan FalseAlarmPeriod { get; set; } = TimeSpan.FromDays(1_000);

    /// <summary>One false suspicion of the whole system is allowed in this time. Default 10 days.</summary>
    public TimeSpan SuspectPeriod { get; set; } = TimeSpan.FromDays(10);

    /// <summary>
    /// B, the slow look's block: the smallest of 1, 5 and 15 minutes not below the correlation time. Default 15 min:
    /// the correlation time is not known before there is history, and a block shorter than it gives false alarms.
    /// </summary>
    public TimeSpan SlowBlock { get; set; } = TimeSpan.FromMinutes(15);
}
