using System.Collections.Immutable;

namespace SelfHeal.Core.Topology;

/// <summary>What the intended configuration says about services, versions and the routes that split them.</summary>
/// <param name="Splits">What an overlay can be laid on. Ordered by route configuration, virtual host, and
/// place.</param>
/// <param name="Clusters">Every cluster name, ordinally sorted; names may hold dots.</param>
public sealed record GatewayTopology(ImmutableArray<TrafficSplit> Splits, ImmutableArray<string> Clusters)
{
    /// <summary>Nothing known yet.</summary>
    public static GatewayTopology Empty { get; } = new([], []);

    /// <summary>Versions that are compared although nothing can be laid over them, ordered by service.</summary>
    public ImmutableArray<VersionSet> Sets { get; init; } = [];

    /// <summary>Clusters whose stats come under another name than their own, ordered by cluster.</summary>
    public ImmutableArray<ClusterIdentity> StatNames { get; init; } = [];

    /// <summary>Clusters that carry gRPC, ordered by cluster.</summary>
    public ImmutableArray<GrpcCluster> Grpc { get; init; } = [];

    /// <summary>
    /// What the names in the stats say by themselves, where no configuration is known (observe mode). Istio's names
    /// declare service and version. Other names are taken as they are, each a service of its own: <c>api-v1</c> and
    /// <c>api-v2</c> are as often two interfaces with different callers as two releases of one, and only a route that
    /// chooses between them for the same request says which.
    /// </summary>
    /// <param name="clusterNames">The names under which stats of clusters came, in any order.</param>
    public static GatewayTopology FromNames(IEnumerable<string> clusterNames)
    {
        ArgumentNullException.ThrowIfNull(clusterNames);
        ImmutableArray<string> clusters =
            [.. clusterNames.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];
        return new GatewayTopology([], clusters)
        {
            Sets = [.. IstioVersions.From(clusters).OrderBy(static set => set.Service, StringComparer.Ordinal)],
        };
    }

    /// <summary>Every group of clusters that are siblings of one another; one cluster may be in several. A method, so
    /// that a recording of the topology does not hold it twice.</summary>
    public IEnumerable<ImmutableArray<VersionShare>> SiblingGroups() =>
        Splits.Select(static split => split.Versions).Concat(Sets.Select(static set => set.Versions))
            .Where(static versions => versions.Length > 1);
}
