using System.Collections.Immutable;
using SelfHeal.Core.Topology;

namespace SelfHeal.Core.Series;

/// <content>Which cluster's stats come under which name: the one place where the two are joined.</content>
public sealed partial class TelemetryFold
{
    private Dictionary<string, string> _statNames = new(StringComparer.Ordinal);

    /// <summary>
    /// Takes over under which names the stats of clusters come. Everything that is asked by a cluster's name is then
    /// found there.
    /// </summary>
    /// <param name="names">Those that differ from the cluster's own name.</param>
    public void TakeNames(ImmutableArray<ClusterIdentity> names) => _statNames = names.ToDictionary(
        static identity => identity.Cluster, static identity => identity.StatName, StringComparer.Ordinal);

    private int FindByName(string cluster)
    {
        if (!_statNames.TryGetValue(cluster, out var statName))
            return FindScope(StatScope.Cluster, cluster);
        var id = FindScope(StatScope.Cluster, statName);

        // Istio's rules for tags, where labels are sent, take the delimiter off that closes its stat names.
        return id < 0 && statName.EndsWith(';') ? FindScope(StatScope.Cluster, statName[..^1]) : id;
    }
}
