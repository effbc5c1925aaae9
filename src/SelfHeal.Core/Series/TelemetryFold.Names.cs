using System.Collections.Immutable;
using SelfHeal.Core.Topology;

namespace SelfHeal.Core.Series;

/// <content>Which cluster's stats come under which name: the one place where the two are joined.</content>
public sealed partial class TelemetryFold
{
    private Dictionary<string, (string Name, string Bare)> _statNames = new(StringComparer.Ordinal);

    /// <summary>
    /// Takes over under which names the stats of clusters come. Everything that is asked by a cluster's name is then
    /// found there.
    /// </summary>
    /// <param name="names">Those that differ from the cluster's own name.</param>
    public void TakeNames(ImmutableArray<ClusterIdentity> names) => _statNames = names.ToDictionary(
        static identity => identity.Cluster,
        static identity => (identity.StatName, identity.StatName.TrimEnd(';')),
        StringComparer.Ordinal);

    /// <summary>
    /// Takes over which clusters the configuration knows; after <see cref="TakeNames"/>. Of
    /// <c>cluster.a.internal.upstream_rq_5xx</c> nobody can tell whether it is of a cluster <c>a.internal</c> or a
    /// qualified stat of <c>a</c>, unless <c>a.internal</c> is known to exist.
    /// </summary>
    /// <param name="clusters">Their own names.</param>
    public void OnClusters(IReadOnlyCollection<string> clusters)
    {
        ArgumentNullException.ThrowIfNull(clusters);
        _knownClusters.Clear();
        foreach (var cluster in clusters)
        {
            var name = _statNames.TryGetValue(cluster, out var known) ? known.Name : cluster;
            _knownClusters.Add(name);
            if (_scopeIds.TryGetValue((StatScope.Cluster, name), out var id))
                Confirm(id);
        }
    }

    private int FindByName(string cluster)
    {
        if (!_statNames.TryGetValue(cluster, out var known))
            return FindScope(StatScope.Cluster, cluster);
        var id = FindScope(StatScope.Cluster, known.Name);

        // Istio's rules for tags, where labels are sent, take the delimiter off that closes its stat names.
        return id < 0 ? FindScope(StatScope.Cluster, known.Bare) : id;
    }
}
