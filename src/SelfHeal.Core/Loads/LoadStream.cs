using SelfHeal.Core.Time;

namespace SelfHeal.Core.Loads;

/// <summary>One open stream and what it said.</summary>
/// <param name="node">The proxy.</param>
/// <param name="absence">What a missing locality means on it.</param>
internal sealed class LoadStream(string node, LoadAbsence absence)
{
    private readonly SortedDictionary<string, ClusterTrack> _clusters = new(StringComparer.Ordinal);
    private readonly List<string> _forgotten = [];

    public string Node { get; } = node;

    /// <summary>The number of its last report; 0 before the first.</summary>
    public long Sequence { get; private set; }

    /// <summary>When the last one came; means nothing before the first.</summary>
    public ControlTime Received { get; private set; }

    /// <summary>Reports in a row up to the last one, none lost.</summary>
    public long Unbroken { get; private set; }

    /// <summary>Whether its last report named clusters for which there was no room at all.</summary>
    public bool IsCutShort { get; set; }

    /// <summary>Its clusters, by name.</summary>
    public SortedDictionary<string, ClusterTrack> Clusters => _clusters;

    /// <summary>Rows that it takes.</summary>
    public int Rows => _clusters.Values.Sum(static c => c.Rows);

    /// <summary>Takes its next report; the number of reports that were lost before it.</summary>
    public long Take(long sequence, ControlTime now)
    {
        var lost = sequence - Sequence - 1;
        Unbroken = lost == 0 ? Unbroken + 1 : 1;
        Sequence = sequence;
        Received = now;
        IsCutShort = false;
        return lost;
    }

    /// <summary>Follows one more cluster.</summary>
    public ClusterTrack Add(string cluster)
    {
        var track = new ClusterTrack(absence);
        _clusters.Add(cluster, track);
        return track;
    }

    /// <summary>Drops clusters that no report has named for so long; the rows that this frees.</summary>
    public int Forget(TimeSpan after, ControlTime now)
    {
        var freed = 0;
        foreach (var (name, track) in _clusters)
        {
            if (track.Sequence == Sequence || now.Since(track.Received) <= after)
                continue;
            freed += track.Rows;
            _forgotten.Add(name);
        }

        foreach (var name in _forgotten)
            _clusters.Remove(name);
        _forgotten.Clear();
        return freed;
    }
}
