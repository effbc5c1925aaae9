using System.Collections.Immutable;

namespace SelfHeal.Core.Upstream;

/// <summary>What an upstream reported over a window, added up.</summary>
/// <param name="Newest">Whether it could be asked the last time.</param>
/// <param name="Window">The time from the first to the last report that counts.</param>
/// <param name="Age">How long ago the last report came.</param>
/// <param name="Rejects">Responses that proxies rejected, by xDS type in ordinal order.</param>
/// <param name="PushErrors">Responses that it could not build or send.</param>
/// <param name="InternalErrors">Errors within it while it computed configuration.</param>
/// <param name="Timeouts">Responses that a proxy did not take in time.</param>
public sealed record UpstreamTrouble(
    UpstreamAnswer Newest,
    TimeSpan Window,
    TimeSpan Age,
    ImmutableArray<RejectCount> Rejects,
    long PushErrors,
    long InternalErrors,
    long Timeouts);
