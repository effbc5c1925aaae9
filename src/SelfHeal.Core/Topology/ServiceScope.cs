using System.Collections.Immutable;
using SelfHeal.Core.Series;

namespace SelfHeal.Core.Topology;

/// <summary>What one incident can be about: a service with its versions and the routes that split it.</summary>
/// <param name="Service">Its name, unique; a cluster that belongs to no other service is one of its own.</param>
/// <param name="Splits">The routes that split it and can carry an overlay; empty where there are none.</param>
/// <param name="Versions">Its versions: those of the first split with their weights, then what else is known to belong
/// to the service, with weight 0. Without a split the weights are those of the first set that declares any.</param>
public sealed record ServiceScope(
    string Service, ImmutableArray<TrafficSplit> Splits, ImmutableArray<VersionShare> Versions)
{
    /// <summary>Its clusters that carry gRPC, as the configuration says, ordered by cluster.</summary>
    public ImmutableArray<GrpcCluster> Grpc { get; init; } = [];

    /// <summary>The versions among which a shift moves traffic: those of the first split, all where there is none.
    /// </summary>
    public ImmutableArray<VersionShare> Shared => Splits.IsEmpty ? Versions : Splits[0].Versions;

    /// <summary>Some version carries gRPC.</summary>
    public bool IsGrpc => !Grpc.IsEmpty;

    /// <summary>Every version that carries gRPC has the <c>grpc_stats</c> filter on every way to it.</summary>
    public bool HasGrpcStats => Grpc.All(static cluster => cluster.HasGrpcStats);

    /// <summary>
    /// Some version carries gRPC without <c>grpc_stats</c>, so that its failures (HTTP 200, all of them) cannot be
    /// seen: no fault of it is measured, and no contract about it could be judged. Stats prove the contrary: who
    /// reports gRPC calls is not blind, whatever the configuration that is known here says.
    /// </summary>
    /// <param name="fold">What the proxies report.</param>
    public bool IsBlind(TelemetryFold fold)
    {
        ArgumentNullException.ThrowIfNull(fold);
        return Grpc.Any(cluster => !cluster.HasGrpcStats
            && fold.Window(cluster.Cluster, Stat.GrpcTotal, fold.BlockCapacity).Sum == 0);
    }

    /// <summary>All services of a topology, ordered by name; each cluster is in at least one.</summary>
    /// <param name="topology">What the configuration says.</param>
    public static ImmutableArray<ServiceScope> From(GatewayTopology topology)
    {
        ArgumentNullException.ThrowIfNull(topology);
        var services = new SortedDictionary<string, Gathering>(StringComparer.Ordinal);
        var owners = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var split in topology.Splits)
        {
            Of(split.Service).Splits.Add(split);
            Join(split.Service, split.Versions);
        }

        foreach (var set in topology.Sets)
        {
            // A route that splits has named the service of its clusters; a set that holds one of them is about it too.
            var owned = set.Versions.Select(version => owners.GetValueOrDefault(version.Cluster))
                .FirstOrDefault(static owner => owner is not null);
            Join(owned ?? set.Service, [.. set.Versions.Where(version => !owners.ContainsKey(version.Cluster))]);
        }

        foreach (var cluster in topology.Clusters.Where(cluster => !owners.ContainsKey(cluster)))
            Join(cluster, [new VersionShare(cluster, cluster, services.ContainsKey(cluster) ? 0u : 100u)]);
        var grpc = topology.Grpc.ToLookup(static cluster => cluster.Cluster, StringComparer.Ordinal);
        return [.. services.Select(service => service.Value.Build(service.Key, grpc))];

        Gathering Of(string service)
        {
            if (!services.TryGetValue(service, out var gathering))
                services.Add(service, gathering = new Gathering());
            return gathering;
        }

        void Join(string service, ImmutableArray<VersionShare> versions)
        {
            Of(service).Add(versions);
            foreach (var version in versions)
                owners.TryAdd(version.Cluster, service);
        }
    }

    private sealed class Gathering
    {
        private readonly List<VersionShare> _versions = [];

        public List<TrafficSplit> Splits { get; } = [];

        public void Add(ImmutableArray<VersionShare> versions)
        {
            // As the route has them: a cluster may stand twice in it.
            if (_versions.Count == 0)
            {
                _versions.AddRange(versions);
                return;
            }

            // The shares of two routes do not add up: the first that declares any stands.
            var keepsWeights = !_versions.Exists(static version => version.Weight > 0);
            foreach (var version in versions)
            {
                if (_versions.Exists(known => known.Cluster == version.Cluster))
                    continue;
                var name = _versions.Exists(known => known.Version == version.Version)
                    ? version.Cluster // The same version on another port, or by another way.
                    : version.Version;
                _versions.Add(new VersionShare(name, version.Cluster, keepsWeights ? version.Weight : 0));
            }
        }

        public ServiceScope Build(string service, ILookup<string, GrpcCluster> grpc) =>
            new(service, [.. Splits], [.. _versions])
            {
                Grpc =
                [
                    .. _versions.SelectMany(version => grpc[version.Cluster])
                        .OrderBy(static cluster => cluster.Cluster, StringComparer.Ordinal),
                ],
            };
    }
}
