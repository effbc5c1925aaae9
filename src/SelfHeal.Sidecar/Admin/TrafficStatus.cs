using System.Collections.Immutable;

namespace SelfHeal.Sidecar.Admin;

/// <summary>A cluster's traffic by locality, summed over proxies and their last periods.</summary>
/// <param name="Cluster">The cluster.</param>
/// <param name="Reporting">How many proxies it is summed over.</param>
/// <param name="Missing">Connected proxies whose reports are missing or too old.</param>
/// <param name="OldestAgeSeconds">The age of the oldest report in it.</param>
/// <param name="Dropped">Requests that were not sent anywhere.</param>
/// <param name="DroppedByCategory">Those that a drop policy asked for.</param>
/// <param name="Localities">By locality and priority.</param>
internal sealed record TrafficStatus(
    string Cluster,
    int Reporting,
    int Missing,
    double OldestAgeSeconds,
    long Dropped,
    ImmutableSortedDictionary<string, long> DroppedByCategory,
    ImmutableArray<LocalityStatus> Localities);
