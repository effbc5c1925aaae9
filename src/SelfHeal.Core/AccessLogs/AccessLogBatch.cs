using System.Collections.Immutable;

namespace SelfHeal.Core.AccessLogs;

/// <summary>One message of an access log stream, counted; of the entries themselves nothing is kept.</summary>
/// <param name="Stream">The stream that it came on.</param>
/// <param name="Counts">In the order in which each kind came first.</param>
public sealed record AccessLogBatch(long Stream, ImmutableArray<AccessLogCount> Counts);
