using SelfHeal.Core.Time;

namespace SelfHeal.Core.Loads;

/// <summary>What one stream said of one cluster: its last periods, and what is under way at each endpoint.</summary>
/// <param name="absence">What a missing locality means on this stream.</param>
internal sealed class ClusterTrack(LoadAbsence absence)
{
    // Where a missing locality may have requests under way, its endpoints are remembered. One that had no load in an
    // hour of reports is forgotten, and nothing is said of it until it is reported again.
    private const int RememberedReports = 720;

    private readonly Queue<(ClusterLoad Load, ControlTime Received)> _periods = new();
    private readonly Dictionary<(LocalityName Locality, int Priority, string Address), Endpoint> _endpoints = [];
    private readonly List<(LocalityName Locality, int Priority, string Address)> _gone = [];
    private readonly HashSet<(LocalityName Locality, int Priority)> _reported = [];
    private readonly HashSet<(LocalityName Locality, int Priority)> _unattributed = [];

    /// <summary>The report that named the cluster last.</summary>
    public long Sequence { get; private set; }

    /// <summary>When that one came.</summary>
    public ControlTime Received { get; private set; }

    /// <summary>Whether that one had no room here.</summary>
    public bool IsCutShort { get; private set; }

    /// <summary>Rows that it takes.</summary>
    public int Rows { get; private set; }

    /// <summary>The newest period; null while none had room.</summary>
    public ClusterLoad? Newest { get; private set; }

    /// <summary>The periods, oldest first.</summary>
    public IReadOnlyCollection<(ClusterLoad Load, ControlTime Received)> Periods => _periods;

    /// <summary>Whether some locality has requests under way without saying at which endpoint.</summary>
    public bool HasUnattributed => _unattributed.Count > 0;

    /// <summary>Takes the next period.</summary>
    /// <param name="load">What came.</param>
    /// <param name="sequence">The report's number.</param>
    /// <param name="periodsMax">How many to keep.</param>
    /// <param name="wasLost">Whether a report before it was lost.</param>
    /// <param name="now">When it came.</param>
    public void Add(ClusterLoad load, long sequence, int periodsMax, bool wasLost, ControlTime now)
    {
        wasLost |= IsCutShort;
        Sequence = sequence;
        Received = now;
        IsCutShort = false;
        Newest = load;
        _periods.Enqueue((load, now));
        Rows += load.Rows;
        if (_periods.Count > periodsMax)
            Rows -= _periods.Dequeue().Load.Rows;
        Rows -= _endpoints.Count;
        Update(load, wasLost);
        Rows += _endpoints.Count;
    }

    /// <summary>A period came that has no room.</summary>
    /// <param name="sequence">The report's number.</param>
    /// <param name="now">When it came.</param>
    public void CutShort(long sequence, ControlTime now)
    {
        Sequence = sequence;
        Received = now;
        IsCutShort = true;
    }

    /// <summary>What is known of an address, over all localities and priorities that have it.</summary>
    /// <param name="address">The endpoint's address.</param>
    public (long InProgress, long Issued, bool IsKnown) Find(string address)
    {
        long inProgress = 0;
        long issued = 0;
        var isSeen = false;
        var isCertain = true;
        foreach (var (key, endpoint) in _endpoints)
        {
            if (!string.Equals(key.Address, address, StringComparison.Ordinal))
                continue;
            isSeen = true;
            isCertain &= endpoint.IsCertain;
            inProgress += endpoint.InProgress;
            issued += endpoint.Issued;
        }

        // One that was never seen may have requests from before the first report, in a locality that is left out.
        return (inProgress, issued, isCertain && (isSeen || absence == LoadAbsence.NothingUnderWay));
    }

    private void Update(ClusterLoad load, bool wasLost)
    {
        _reported.Clear();
        foreach (var locality in load.Localities)
            _reported.Add((locality.Locality, locality.Priority));
        foreach (var (key, endpoint) in _endpoints)
        {
            endpoint.Issued = 0;
            if (absence == LoadAbsence.NothingUnderWay || Sequence - endpoint.Sequence > RememberedReports)
            {
                _gone.Add(key); // Those that were reported come again below.
            }
            else if (_reported.Contains((key.Locality, key.Priority)))
            {
                endpoint.InProgress = 0;
                endpoint.IsCertain = true;
            }
            else
            {
                // Nothing was added, so nothing stays nothing; whatever was there may have ended. A report that was
                // lost may have told of more.
                endpoint.IsCertain &= endpoint.InProgress == 0 && !wasLost;
            }
        }

        foreach (var key in _gone)
            _endpoints.Remove(key);
        _gone.Clear();
        if (absence == LoadAbsence.NothingUnderWay)
            _unattributed.Clear();
        foreach (var locality in load.Localities)
            Update(locality);
    }

    private void Update(LocalityLoad locality)
    {
        long attributed = 0;
        foreach (var (address, counts) in locality.Endpoints)
        {
            var key = (locality.Locality, locality.Priority, address);
            if (!_endpoints.TryGetValue(key, out var endpoint))
                _endpoints.Add(key, endpoint = new Endpoint());
            endpoint.InProgress = counts.InProgress;
            endpoint.Issued = counts.Issued;
            endpoint.IsCertain = true;
            endpoint.Sequence = Sequence;
            attributed += counts.InProgress;
        }

        if (attributed < locality.Counts.InProgress)
            _unattributed.Add((locality.Locality, locality.Priority));
        else
            _unattributed.Remove((locality.Locality, locality.Priority));
    }

    private sealed class Endpoint
    {
        public long InProgress { get; set; }

        public long Issued { get; set; }

        public bool IsCertain { get; set; } = true;

        public long Sequence { get; set; }
    }
}
