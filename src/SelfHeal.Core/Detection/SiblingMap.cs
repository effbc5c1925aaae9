using System.Collections.Immutable;
using SelfHeal.Core.Series;
using SelfHeal.Core.Topology;

namespace SelfHeal.Core.Detection;

/// <summary>
/// Which series are the same pair of other versions of the same service. Rebuilt only when the topology, the known
/// clusters or the series change.
/// </summary>
internal sealed class SiblingMap
{
    private GatewayTopology? _topology;
    private int _clusterCount = -1;
    private int _trackCount = -1;
    private int[] _starts = [0];
    private int[] _siblings = [];

    /// <summary>The siblings of a series, ascending; empty where it has none.</summary>
    public ReadOnlySpan<int> Of(int track) =>
        track + 1 < _starts.Length ? _siblings.AsSpan(_starts[track].._starts[track + 1]) : [];

    /// <summary>Whether a series speaks for the group of itself and its siblings.</summary>
    public bool IsFirst(int track) => Of(track) is not [var first, ..] || track < first;

    /// <summary>Takes over what changed.</summary>
    public void Update(TelemetryFold fold, GatewayTopology topology, SeriesCounts counts, TrackTable tracks)
    {
        if (ReferenceEquals(topology, _topology)
            && fold.Clusters.Length == _clusterCount
            && tracks.Count == _trackCount)
            return;
        _topology = topology;
        _clusterCount = fold.Clusters.Length;
        _trackCount = tracks.Count;
        Rebuild(fold, topology, counts, tracks);
    }

    private void Rebuild(TelemetryFold fold, GatewayTopology topology, SeriesCounts counts, TrackTable tracks)
    {
        var scopes = new Dictionary<int, SortedSet<int>>();
        foreach (var versions in topology.SiblingGroups())
        {
            foreach (var version in versions)
                AddSiblings(fold, versions, version, scopes);
        }

        var siblings = new List<int>();
        _starts = new int[tracks.Count + 1];
        for (var track = 0; track < tracks.Count; track++)
        {
            if (tracks.PairOf(track).Scope == StatScope.Cluster
                && scopes.TryGetValue(tracks.ScopeOf(track), out var others))
            {
                siblings.AddRange(others.Select(other => counts.Find(other, tracks.RowOf(track)))
                    .Where(static sibling => sibling >= 0).Order());
            }

            _starts[track + 1] = siblings.Count;
        }

        _siblings = [.. siblings];
    }

    private static void AddSiblings(
        TelemetryFold fold,
        ImmutableArray<VersionShare> versions,
        VersionShare version,
        Dictionary<int, SortedSet<int>> sets)
    {
        var member = fold.FindCluster(version.Cluster);
        if (member < 0)
            return;
        foreach (var other in versions)
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
