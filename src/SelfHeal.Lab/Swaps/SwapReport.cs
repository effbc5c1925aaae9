using System.Collections.Immutable;

namespace SelfHeal.Lab.Swaps;

/// <summary>What a <see cref="SwapRun"/> saw.</summary>
/// <param name="Swaps">Configurations that Envoy was given, one after another.</param>
/// <param name="Awaited">How many of them Envoy's routes were seen to hold before the next came.</param>
/// <param name="Answers">Requests in Envoy's access log.</param>
/// <param name="Flags">How many of them carried each response flag, such as <c>NR</c>; ordinally sorted.</param>
/// <param name="TransportErrors">Requests that got no answer at all.</param>
/// <param name="Rejected">Responses that Envoy rejected.</param>
/// <param name="Elapsed">From the first swap to the last.</param>
public sealed record SwapReport(
    int Swaps,
    int Awaited,
    long Answers,
    ImmutableSortedDictionary<string, long> Flags,
    long TransportErrors,
    long Rejected,
    TimeSpan Elapsed)
{
    private static readonly ImmutableArray<string> Torn = ["NR", "NC", "UH"];

    /// <summary>
    /// Answers with no route (NR), no cluster (NC) or no healthy upstream (UH): the configuration was torn.
    /// </summary>
    public long Failures => Torn.Sum(flag => Flags.GetValueOrDefault(flag));
}
