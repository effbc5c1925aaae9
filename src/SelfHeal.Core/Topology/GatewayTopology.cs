using System.Collections.Immutable;

namespace SelfHeal.Core.Topology;

/// <summary>What the intended configuration says about services, versions and the routes that split them.</summary>
/// <param name="Splits">Ordered by route configuration, virtual host, and place.</param>
/// <param name="Clusters">Every cluster name, ordinally sorted; names may hold dots.</param>
public sealed record GatewayTopology(ImmutableArray<TrafficSplit> Splits, ImmutableArray<string> Clusters)
{
    /// <summary>Nothing known yet.</summary>
    public static GatewayTopology Empty { get; } = new([], []);
}
