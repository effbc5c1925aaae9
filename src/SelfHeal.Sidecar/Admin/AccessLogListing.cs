using System.Collections.Immutable;

namespace SelfHeal.Sidecar.Admin;

/// <summary>How requests ended, from access logs.</summary>
/// <param name="IntervalSeconds">How long one interval is.</param>
/// <param name="Intervals">How many are summed; the last one still runs.</param>
/// <param name="Rows">By cluster, host and route.</param>
internal sealed record AccessLogListing(double IntervalSeconds, int Intervals, ImmutableArray<AccessLogStatus> Rows);
