using SelfHeal.Core.Time;

namespace SelfHeal.Core.Series;

/// <summary>One open stream: the flush being gathered, and the interval learned from those before.</summary>
internal sealed class TelemetryStream(
    long id, string node, string nodeCluster, NodeCounters counters, TimeSpan defaultInterval)
{
    /// <summary>Five gaps: a median that neither one missing nor one doubled flush moves, and three teach a new
    /// interval.</summary>
    private const int GapsKept = 5;

    private readonly long[] _gaps = new long[GapsKept];
    private int _gapCount;
    private int[] _indexes = new int[256];
    private long[] _values = new long[256];
    private int[] _places = new int[256];

    public long Id { get; } = id;

    public string Node { get; } = node;

    public string NodeCluster { get; } = nodeCluster;

    public NodeCounters Counters { get; } = counters;

    public long IntervalNanos { get; private set; } = defaultInterval.Ticks * 100;

    /// <summary>The sequence number that the next batch must have.</summary>
    public long NextSequence { get; set; }

    public SeriesCatalog? Catalog { get; private set; }

    public int PlacesKnown { get; private set; }

    public bool IsGathering { get; private set; }

    public long GatheringMillis { get; private set; }

    public ControlTime GatheringNewest { get; private set; }

    public bool IsDamaged { get; set; }

    /// <summary>A batch was lost, so a series that looks new may be old.</summary>
    public bool NewSeriesUntrusted { get; set; }

    public int Count { get; private set; }

    public bool HasFlushed { get; private set; }

    public long NewestMillis { get; private set; }

    public ControlTime NewestFlush { get; private set; }

    /// <summary>Whether the first flush only set a baseline, and when its snapshot was.</summary>
    public bool FirstWasBaseline { get; set; }

    public long FirstMillis { get; set; } = -1;

    /// <summary>Whether its deltas are in the open block.</summary>
    public bool Delivered { get; set; }

    public int IndexAt(int sample) => _indexes[sample];

    public long ValueAt(int sample) => _values[sample];

    public int PlaceOf(int index) => _places[index];

    public void AddPlace(int place)
    {
        if (PlacesKnown == _places.Length)
            Array.Resize(ref _places, PlacesKnown * 2);
        _places[PlacesKnown++] = place;
    }

    /// <summary>The counters were restarted: every series needs a place again.</summary>
    public void ForgetPlaces() => PlacesKnown = 0;

    public void Begin(FlushBatch batch)
    {
        IsGathering = true;
        GatheringMillis = batch.TimestampMillis;
        Count = 0;
    }

    public void Append(FlushBatch batch, int limit)
    {
        // Hot path: allocation-free once the arrays have grown to the size of a flush.
        GatheringNewest = batch.Arrival;
        Catalog = batch.Catalog;
        if (Count + batch.Count > limit)
        {
            IsDamaged = true;
            return;
        }

        if (Count + batch.Count > _indexes.Length)
        {
            var length = Math.Max(_indexes.Length * 2, Count + batch.Count);
            Array.Resize(ref _indexes, length);
            Array.Resize(ref _values, length);
        }

        batch.Indexes.CopyTo(_indexes.AsSpan(Count));
        batch.Values.CopyTo(_values.AsSpan(Count));
        Count += batch.Count;
    }

    /// <summary>Ends the flush. A damaged one leaves no trace: the next one spans it.</summary>
    public void End(bool folded)
    {
        IsGathering = false;
        IsDamaged = false;
        Count = 0;
        if (!folded)
            return;
        if (HasFlushed)
            LearnInterval(GatheringNewest.MonotonicNanos - NewestFlush.MonotonicNanos);
        HasFlushed = true;
        NewestFlush = GatheringNewest;
        NewestMillis = GatheringMillis;
    }

    public bool IsLive(ControlTime now) =>
        HasFlushed && now.MonotonicNanos - NewestFlush.MonotonicNanos <= IntervalNanos + (IntervalNanos / 2);

    private void LearnInterval(long gap)
    {
        if (gap <= 0)
            return;
        _gaps[_gapCount++ % GapsKept] = gap;
        var known = Math.Min(_gapCount, GapsKept);
        if (known < 3)
            return;
        Span<long> sorted = stackalloc long[GapsKept];
        sorted = sorted[..known];
        _gaps.AsSpan(0, known).CopyTo(sorted);
        sorted.Sort();
        IntervalNanos = sorted[(known - 1) / 2];
    }
}
