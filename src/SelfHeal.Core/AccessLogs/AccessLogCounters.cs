namespace SelfHeal.Core.AccessLogs;

/// <summary>What the access log table counted since it started; every one is shown, none decides anything.</summary>
public sealed class AccessLogCounters
{
    /// <summary>Messages counted.</summary>
    public long Batches { get; internal set; }

    /// <summary>Requests counted.</summary>
    public long Requests { get; internal set; }

    /// <summary>Requests that had no row of their own.</summary>
    public long OverflowedRequests { get; internal set; }
}
