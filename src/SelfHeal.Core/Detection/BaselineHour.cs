using System.Collections.Immutable;

namespace SelfHeal.Core.Detection;

/// <summary>What is known about all series in one hour of the week: what is stored when an hour ends, and read before
/// it comes again.</summary>
/// <param name="Hour">0 (Monday 00:00 UTC) to 167.</param>
/// <param name="Rows">One for each series, in no order that matters; a series at most once.</param>
public sealed record BaselineHour(int Hour, ImmutableArray<BaselineRow> Rows);
