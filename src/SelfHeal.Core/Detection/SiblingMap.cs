using SelfHeal.Core.Series;
using SelfHeal.Core.Topology;

namespace SelfHeal.Core.Detection;

/// <summary>
/// Which clusters are versions of the same service behind one route, as scope ids. Rebuilt only when the topology or
/// the set of known clusters changes.
/// </summary>
internal sealed class SiblingMap
{
    private readonly Dictionary<int, int[]> _siblings = [];
    private GatewayTopology? _topology;
    private int _clusterCount = -1;

    /// <summary>The siblings of a cluster, ascending; empty where no route splits over it.</summary>
    public ReadOnlySpan<int> Of(int scopeId) => _siblings.TryGetValue(scopeId, out var siblings) ? siblings : [];

    /// <summary>Takes over what changed.</summary>
    public void Update(TelemetryFold fold, GatewayTopology topology)
    {
        if (ReferenceEquals(topology, _topology) && fold.Clusters.Length == _clusterCount)
            return;
        _topology = topology;
        _clusterCount = fold.Clusters.Length;
        var sets = new Dictionary<int, SortedSet<int>>();
        foreach (var split in topology.Splits)
        {
            foreach (var version in split.Versions)
                AddSiblings(fold, split, version, sets);
        }

        _siblings.Clear();
        foreach (var (scopeId, set) in sets)
            _siblings.Add(scopeId, [.. set]);
    }

    private static void AddSiblings(
        TelemetryFold fold, TrafficSplit split, VersionShare version, Dictionary<int, SortedSet<int>> sets)
    {
        var member = fold.FindCluster(version.Cluster);
        if (member < 0)
            return;
        foreach (var other in split.Versions)
        {
            var sibling = fold.FindCluster(other.Cluster);
            if (sibling < 0 || sibling == member)
                continue;
            if (!sets.TryGetValue(member, out var set))
                sets.Add(member, set = []);
            set.Add(sibling);
        }
    }
}
