namespace SelfHeal.Core.AccessLogs;

/// <summary>How access logs are counted.</summary>
public sealed class AccessLogTableOptions
{
    /// <summary>How long one interval of counts is. Default 5 s, as stats are flushed.</summary>
    public TimeSpan Interval { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Intervals kept. Default 60, five minutes at 5 s; 1 to 10,000.</summary>
    public int Intervals { get; init; } = 60;

    /// <summary>
    /// Rows kept over all intervals: a cluster, host and route each. Default 50,000, about 27 MB. What comes beyond it
    /// is counted in one row of its interval, <see cref="AccessLogKey.Overflow"/>.
    /// </summary>
    public int RowLimit { get; init; } = 50_000;
}
