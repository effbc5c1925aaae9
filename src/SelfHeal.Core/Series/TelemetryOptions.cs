namespace SelfHeal.Core.Series;

/// <summary>How stats streams become blocks.</summary>
public sealed class TelemetryOptions
{
    /// <summary>
    /// The flush interval taken for a stream until three arrivals have taught its own. Default 5 s (Envoy's); 100 ms to
    /// 10 min.
    /// </summary>
    public TimeSpan FlushInterval { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// A flush in several messages is complete when its stream was quiet for this long. Default 100 ms; above zero and
    /// below the flush interval.
    /// </summary>
    public TimeSpan FlushQuiet { get; set; } = TimeSpan.FromMilliseconds(100);

    /// <summary>
    /// Whether the proxies' stats sinks send what a counter gained since the flush before
    /// (<c>report_counters_as_deltas</c>) and not its value. Nothing in a message says so, and a lost delta is lost
    /// where a lost value heals itself. Default false.
    /// </summary>
    public bool CountersAreDeltas { get; set; }

    /// <summary>Blocks kept per scope. Default 64 (the longest window is 12 blocks); 12 to 4,096.</summary>
    public int BlockCapacity { get; set; } = 64;

    /// <summary>
    /// How far <c>server.uptime</c> may lie from what the last flush before a reconnect predicts for the proxy to count
    /// as the same process. Default 2 s (whole seconds on both sides, and the delay of one flush); 1 s to 1 min.
    /// </summary>
    public TimeSpan UptimeTolerance { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>
    /// Scopes (clusters, listeners, ...) kept. Default 10,000: ten times the largest mesh measured, about 130 MB when
    /// all report. A scope beyond it is refused and counted.
    /// </summary>
    public int ScopeLimit { get; set; } = 10_000;

    /// <summary>Open streams kept. Default 256, one per proxy of a large gateway; a stream beyond it is refused and
    /// counted.</summary>
    public int StreamLimit { get; set; } = 256;

    /// <summary>
    /// Closed streams' counters kept for a reconnect. Default 256, as many as streams; beyond it the one closed first
    /// goes, and that node's next stream starts without a baseline.
    /// </summary>
    public int ParkedLimit { get; set; } = 256;

    /// <summary>
    /// Samples of one flush kept until it is complete. Default 400,000, twice the series limit of a reader; beyond it
    /// the flush counts as damaged.
    /// </summary>
    public int FlushSampleLimit { get; set; } = 400_000;
}
