using System.Collections.Immutable;

namespace SelfHeal.Core.Loads;

/// <summary>One report of one proxy: all clusters that it was asked for.</summary>
/// <param name="Stream">The stream that it came on.</param>
/// <param name="Sequence">Counts the reports of the stream from 1, so that a lost one is noticed.</param>
/// <param name="Clusters">In the order of the message.</param>
public sealed record LoadReport(long Stream, long Sequence, ImmutableArray<ClusterLoad> Clusters)
{
    /// <summary>How many rows it takes in memory.</summary>
    public int Rows { get; } = 1 + Clusters.Sum(static c => c.Rows);
}
