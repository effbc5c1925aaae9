using System.Collections.Immutable;
using SelfHeal.Core.Series;

namespace SelfHeal.Core.Detection;

/// <summary>Events e of n: one ratio that detection watches, for every cluster in the same way.</summary>
/// <param name="Name">What records and explanations call it.</param>
/// <param name="Events">The counter of e.</param>
/// <param name="Total">The counter of n.</param>
public sealed record SignalPair(string Name, Stat Events, Stat Total)
{
    /// <summary>Responses of 500 and above, of completed requests.</summary>
    public static SignalPair Errors { get; } = new("errors", Stat.UpstreamRq5xx, Stat.UpstreamRqCompleted);

    /// <summary>Retries, of all requests: failures that a retry may have hidden.</summary>
    public static SignalPair RetriedErrors { get; } = new("retried errors", Stat.UpstreamRqRetry, Stat.UpstreamRqTotal);

    /// <summary>Connections that could not be made, of all connections.</summary>
    public static SignalPair ConnectFailures { get; } =
        new("connect failures", Stat.UpstreamCxConnectFail, Stat.UpstreamCxTotal);

    /// <summary>Every pair watched, in the order of evaluation. A further pair is a further row.</summary>
    public static ImmutableArray<SignalPair> Table { get; } = [Errors, RetriedErrors, ConnectFailures];
}
