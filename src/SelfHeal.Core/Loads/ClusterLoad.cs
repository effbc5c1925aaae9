using System.Collections.Immutable;

namespace SelfHeal.Core.Loads;

/// <summary>What one proxy says of one cluster about one period.</summary>
/// <param name="Cluster">The cluster's name.</param>
/// <param name="Interval">How long the period was; zero when the proxy does not say.</param>
/// <param name="Dropped">Requests that it did not send anywhere.</param>
/// <param name="DroppedByCategory">Those of them that a drop policy asked for.</param>
/// <param name="Localities">Those with requests; see <see cref="LoadAbsence"/> for what a missing one means.</param>
public sealed record ClusterLoad(
    string Cluster,
    TimeSpan Interval,
    long Dropped,
    ImmutableArray<DroppedLoad> DroppedByCategory,
    ImmutableArray<LocalityLoad> Localities)
{
    /// <summary>How many rows it takes in memory: itself, its localities, their endpoints, its drop categories.
    /// </summary>
    public int Rows { get; } =
        1 + DroppedByCategory.Length + Localities.Length + Localities.Sum(static l => l.Endpoints.Length);
}
