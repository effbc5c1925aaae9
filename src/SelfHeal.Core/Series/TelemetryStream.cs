using SelfHeal.Core.Time;

namespace SelfHeal.Core.Series;

/// <summary>One open stream: its series' last values, the flush being gathered, and what the flushes before have
/// taught.</summary>
internal sealed class TelemetryStream(long id, string node, string nodeCluster, TimeSpan defaultInterval)
{
    /// <summary>Five gaps: a median that neither one missing nor one doubled flush moves, and three teach a new
    /// interval.</summary>
    private const int GapsKept = 5;

    /// <summary>Counters that fall in one flush: more than a cluster's re-creation or a defect explains.</summary>
    private const int FallenMany = 16;

    /// <summary>Flushes in a row that must speak against the declared kind of counters: busy deltas fall in about half
    /// of all flushes, absolute values in none.</summary>
    private const int ContradictionsInARow = 12;

    private readonly long[] _gaps = new long[GapsKept];
    private int _gapCount;
    private int[] _indexes = [];
    private long[] _values = [];
    private int _count;
    private int[] _histogramIndexes = [];
    private uint[] _histogramCounts = [];
    private int _histograms;
    private int _parts;
    private int _partsLearned;
    private int _contradictions;
    private StreamSeries[] _series = new StreamSeries[256];

    public long Id { get; } = id;

    public string Node { get; } = node;

    public string NodeCluster { get; } = nodeCluster;

    public long IntervalNanos { get; private set; } = defaultInterval.Ticks * 100;

    /// <summary>The sequence number that the next batch must have.</summary>
    public long NextSequence { get; set; }

    public SeriesCatalog? Catalog { get; private set; }

    /// <summary>How many series of the catalog the batches so far may refer to.</summary>
    public int CatalogCount { get; private set; }

    /// <summary>What is kept of each series, by stream-local index.</summary>
    public Span<StreamSeries> Series => _series.AsSpan(0, SeriesCount);

    public int SeriesCount { get; private set; }

    /// <summary>Where <c>server.uptime</c> is among the series; -1 while it never came.</summary>
    public int UptimeIndex { get; private set; } = -1;

    /// <summary><c>server.uptime</c> in seconds as last seen; -1 while it never came.</summary>
    public long UptimeSeconds { get; private set; } = -1;

    /// <summary>When the flush with that uptime came.</summary>
    public ControlTime UptimeAt { get; private set; }

    /// <summary>What the node's last stream left behind, until two flushes have shown what of it goes on.</summary>
    public ParkedCounters? Resumed { get; set; }

    public bool IsGathering { get; private set; }

    public long GatheringMillis { get; private set; }

    public ControlTime GatheringNewest { get; private set; }

    public bool IsDamaged { get; set; }

    /// <summary>A batch was lost, so a series that looks new may be old.</summary>
    public bool NewSeriesUntrusted { get; private set; }

    public bool HasFlushed { get; private set; }

    public long NewestMillis { get; private set; }

    public ControlTime NewestFlush { get; private set; }

    /// <summary>The earliest moment that the next flush's deltas may reach back to.</summary>
    public ControlTime Since { get; set; }

    /// <summary>The same of the newest folded flush, so of parts of it that come late.</summary>
    public ControlTime SinceOfNewest { get; private set; }

    /// <summary>Whether the first flush only set a baseline, and when its snapshot was.</summary>
    public bool FirstWasBaseline { get; set; }

    public long FirstMillis { get; set; } = -1;

    /// <summary>Whether its deltas are in the open block.</summary>
    public bool Delivered { get; set; }

    /// <summary>A part that came after its flush was folded.</summary>
    public bool IsLate => HasFlushed && GatheringMillis != 0 && GatheringMillis == NewestMillis;

    /// <summary>As many parts have come as the flushes before had. Never while that is unknown, and never for messages
    /// without a timestamp, which say nothing about belonging together.</summary>
    public bool IsWhole => _parts == _partsLearned && GatheringMillis != 0 && !IsLate;

    /// <summary>Whether a batch is a whole flush by itself, so that it need not be copied.</summary>
    public bool IsWholeFlush(FlushBatch batch) =>
        !IsGathering && HasFlushed && _partsLearned == 1 && batch.PartOfFlush == 0 && batch.TimestampMillis != 0
        && batch.TimestampMillis != NewestMillis;

    public void AddSeries(in StreamSeries series, bool isUptime)
    {
        if (SeriesCount == _series.Length)
            Array.Resize(ref _series, SeriesCount * 2);
        if (isUptime)
            UptimeIndex = SeriesCount;
        _series[SeriesCount++] = series;
    }

    public void TakeUptime(long seconds)
    {
        UptimeSeconds = seconds;
        UptimeAt = GatheringNewest;
    }

    public void Begin(FlushBatch batch)
    {
        IsGathering = true;
        GatheringMillis = batch.TimestampMillis;
        _count = 0;
        _histograms = 0;
    }

    /// <summary>Notes a batch's arrival without keeping its samples.</summary>
    public void Note(FlushBatch batch)
    {
        GatheringNewest = batch.Arrival;
        Catalog = batch.Catalog;
        CatalogCount = batch.SeriesCount;
        _parts = batch.PartOfFlush + 1;
    }

    public void Append(FlushBatch batch, int limit)
    {
        // Hot path: allocation-free once the arrays have grown to the size of a flush.
        Note(batch);
        var histograms = batch.HistogramIndexes.Length;
        if (_count + batch.Count + _histograms + histograms > limit)
        {
            IsDamaged = true;
            return;
        }

        Grow(ref _indexes, _count + batch.Count);
        Grow(ref _values, _count + batch.Count);
        batch.Indexes.CopyTo(_indexes.AsSpan(_count));
        batch.Values.CopyTo(_values.AsSpan(_count));
        _count += batch.Count;
        Grow(ref _histogramIndexes, _histograms + histograms);
        Grow(ref _histogramCounts, (_histograms + histograms) * FlushBatch.HistogramBuckets);
        batch.HistogramIndexes.CopyTo(_histogramIndexes.AsSpan(_histograms));
        batch.HistogramCounts.CopyTo(_histogramCounts.AsSpan(_histograms * FlushBatch.HistogramBuckets));
        _histograms += histograms;
    }

    /// <summary>What was gathered.</summary>
    public FlushSamples Gathered() => new(
        _indexes.AsSpan(0, _count),
        _values.AsSpan(0, _count),
        _histogramIndexes.AsSpan(0, _histograms),
        _histogramCounts.AsSpan(0, _histograms * FlushBatch.HistogramBuckets));

    /// <summary>A batch did not come: its deltas are in the next flush, which so reaches back further.</summary>
    public void NoteLoss()
    {
        NewSeriesUntrusted = true;
        if (HasFlushed)
            Since = SinceOfNewest;
    }

    /// <summary>Ends a flush that leaves no trace, so that the next one spans it.</summary>
    public void EndDamaged()
    {
        IsGathering = false;
        IsDamaged = false;
    }

    /// <summary>Ends late parts of a flush: now it is known to have more.</summary>
    public void EndLate()
    {
        IsGathering = false;
        _partsLearned = Math.Max(_partsLearned, _parts);
    }

    /// <summary>Ends a folded flush.</summary>
    public void End()
    {
        IsGathering = false;
        _partsLearned = _parts;
        NewSeriesUntrusted = false;
        if (HasFlushed)
        {
            LearnInterval(GatheringNewest.MonotonicNanos - NewestFlush.MonotonicNanos);
            Resumed = null;
        }

        HasFlushed = true;
        NewestFlush = GatheringNewest;
        NewestMillis = GatheringMillis;
        SinceOfNewest = Since;
        Since = GatheringNewest;
    }

    /// <summary>Whether the last flushes look as if the proxy sent the other kind of counters than was declared: deltas
    /// fall all the time, absolute values of one process never do.</summary>
    /// <param name="areDeltas">What was declared.</param>
    /// <param name="fell">Counters that fell in this flush.</param>
    public bool Contradicts(bool areDeltas, int fell)
    {
        // A proxy without traffic speaks for either.
        var speaksAgainst = areDeltas ? fell == 0 && SeriesCount >= FallenMany && HasRisen() : fell >= FallenMany;
        _contradictions = speaksAgainst ? _contradictions + 1 : areDeltas && fell == 0 ? _contradictions : 0;
        return speaksAgainst && _contradictions >= (areDeltas ? ContradictionsInARow : ContradictionsInARow / 4);
    }

    public bool IsLive(ControlTime now) =>
        HasFlushed && now.MonotonicNanos - NewestFlush.MonotonicNanos <= IntervalNanos + (IntervalNanos / 2);

    /// <summary>What the node's next stream may go on from; null where nothing was ever measured.</summary>
    public ParkedCounters? Park() =>
        HasFlushed ? new ParkedCounters(Catalog, _series, SeriesCount, UptimeSeconds, UptimeAt) : Resumed;

    private static void Grow<T>(ref T[] array, int length)
    {
        if (array.Length < length)
            Array.Resize(ref array, Math.Max(array.Length * 2, length));
    }

    private bool HasRisen()
    {
        var above = 0;
        foreach (ref readonly var one in Series)
            above += one.Target >= 0 && one.Last > 0 ? 1 : 0;
        return above >= FallenMany;
    }

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
