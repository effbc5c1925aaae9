using System.Collections.Immutable;
using SelfHeal.Core.Series;

namespace SelfHeal.Core.Detection;

/// <summary>The history of one series.</summary>
/// <param name="Scope">The kind of scope.</param>
/// <param name="Name">The scope's name.</param>
/// <param name="Pair">The pair's name (<see cref="SignalPair.Name"/>).</param>
/// <param name="HourEvents">Events in this hour of the week; each week that passes weighs three quarters of the one
/// after it, so that four weeks count.</param>
/// <param name="HourTotal">Trials in it, weighed alike; of a fall, milliseconds.</param>
/// <param name="AllEvents">The same over all hours.</param>
/// <param name="AllTotal">The same over all hours.</param>
/// <param name="Shapes">The shapes estimated in up to four past weeks, the newest first, nine a week: own windows of 1,
/// 2, 4 and 12 blocks, the slow look, contrast windows of 1, 2, 4 and 12 blocks; 0 where a week had none.</param>
public sealed record BaselineRow(
    StatScope Scope,
    string Name,
    string Pair,
    double HourEvents,
    double HourTotal,
    double AllEvents,
    double AllTotal,
    ImmutableArray<double> Shapes)
{
    /// <summary>Responses by latency bucket over the last weeks, kept with <see cref="SignalPair.Errors"/>; empty
    /// for every other pair.</summary>
    public ImmutableArray<double> Buckets { get; init; } = [];
}
