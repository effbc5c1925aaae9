using SelfHeal.Sidecar.Config.Loading;

namespace SelfHeal.Sidecar.Config;

/// <summary>When a signal counts as a breach.</summary>
internal sealed class DetectionOptions
{
    /// <summary>
    /// How often Envoy flushes its stats (stats_flush_interval in its bootstrap); one flush is one block of counts.
    /// Default: 5s. Limits: 100ms to 5m.
    /// </summary>
    [Limits("100ms", "5m")]
    public TimeSpan FlushInterval { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// The error ratio taken as normal until there is history. Default: 0.001. Limits: 0.000001 to 0.5.
    /// </summary>
    [Limits("0.000001", "0.5")]
    public decimal BaselineRatio { get; init; } = 0.001m;

    /// <summary>
    /// Shape k of the negative binomial against a series' own baseline: the smaller, the burstier normal traffic is
    /// taken to be. Default: 1. Limits: 0.25 to 64.
    /// </summary>
    [Limits("0.25", "64")]
    public decimal BaselineShape { get; init; } = 1m;

    /// <summary>
    /// The same shape for a member against its siblings, which share most bursts. Default: 4. Limits: 0.25 to 64.
    /// </summary>
    [Limits("0.25", "64")]
    public decimal ContrastShape { get; init; } = 4m;

    /// <summary>
    /// How many requests' worth of belief in the baseline a measured ratio is mixed with (kappa). Default: 1000.
    /// Limits: 1 to 1000000.
    /// </summary>
    [Limits("1", "1000000")]
    public int Shrinkage { get; init; } = 1000;

    /// <summary>
    /// A breach also needs the shrunken ratio to be this many times the baseline. Default: 3. Limits: 1 to 100.
    /// </summary>
    [Limits("1", "100")]
    public decimal EffectRatio { get; init; } = 3m;

    /// <summary>
    /// A breach also needs the shrunken ratio to be at least this. Default: 0.005. Limits: 0.0001 to 1.
    /// </summary>
    [Limits("0.0001", "1")]
    public decimal EffectAbsolute { get; init; } = 0.005m;

    /// <summary>
    /// Responses slower than this are slow, whatever is normal for the service; rounded up to one of Envoy's histogram
    /// edges. Null: only a service's own history says what is slow. Default: 500ms. Limits: 1ms to 60m.
    /// </summary>
    [Limits("1ms", "60m")]
    public TimeSpan? LatencyObjective { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary>
    /// Whether the proxies' stats sinks have report_counters_as_deltas set: nothing in their messages says so.
    /// Default: false.
    /// </summary>
    public bool CountersAreDeltas { get; init; }

    /// <summary>
    /// How many series one Envoy's stats stream may bring; further ones share one overflow slot, counted.
    /// Default: 200000. Limits: 1000 to 10000000.
    /// </summary>
    [Limits("1000", "10000000")]
    public int MaxSeriesPerStream { get; init; } = 200_000;
}
