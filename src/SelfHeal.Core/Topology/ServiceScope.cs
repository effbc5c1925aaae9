using System.Collections.Immutable;

namespace SelfHeal.Core.Topology;

/// <summary>What one incident can be about: a service with its versions and the routes that split it.</summary>
/// <param name="Service">The service's name; a cluster that no route splits is a service of its own.</param>
/// <param name="Splits">The routes that split it; empty for a single cluster.</param>
/// <param name="Versions">Its versions with the weights of the first split; one for a single cluster.</param>
public sealed record ServiceScope(
    string Service, ImmutableArray<TrafficSplit> Splits, ImmutableArray<VersionShare> Versions)
{
    /// <summary>All services of a topology, ordered by name.</summary>
    /// <param name="topology">What the configuration says.</param>
    public static ImmutableArray<ServiceScope> From(GatewayTopology topology)
    {
        ArgumentNullException.ThrowIfNull(topology);
        var split = topology.Splits
            .GroupBy(static s => s.Service, StringComparer.Ordinal)
            .Select(static g => new ServiceScope(g.Key, [.. g], g.First().Versions))
            .ToList();
        var taken = split.SelectMany(static s => s.Splits).SelectMany(static s => s.Versions)
            .Select(static v => v.Cluster).ToHashSet(StringComparer.Ordinal);
        var single = topology.Clusters
            .Where(cluster => !taken.Contains(cluster))
            .Select(static cluster => new ServiceScope(cluster, [], [new VersionShare(cluster, cluster, 100)]));
        return [.. split.Concat(single).OrderBy(static s => s.Service, StringComparer.Ordinal)];
    }
}
