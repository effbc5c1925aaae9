using System.Collections.Immutable;

namespace SelfHeal.Core.Loads;

/// <summary>A cluster's traffic by locality, summed over the proxies that reported it in time.</summary>
/// <param name="Cluster">The cluster.</param>
/// <param name="Reporting">How many proxies it is summed over.</param>
/// <param name="Missing">Connected proxies whose reports are missing, too old, or cut short; what they see is not in
/// it.</param>
/// <param name="OldestAge">The age of the oldest report in it; zero without any.</param>
/// <param name="Dropped">Requests that were not sent anywhere.</param>
/// <param name="DroppedByCategory">Those that a drop policy asked for, by its name.</param>
/// <param name="Localities">By locality and priority.</param>
public sealed record ClusterTraffic(
    string Cluster,
    int Reporting,
    int Missing,
    TimeSpan OldestAge,
    long Dropped,
    ImmutableArray<DroppedLoad> DroppedByCategory,
    ImmutableArray<LocalityShare> Localities);
