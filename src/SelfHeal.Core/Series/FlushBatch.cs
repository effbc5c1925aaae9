using SelfHeal.Core.Control;
using SelfHeal.Core.Time;

namespace SelfHeal.Core.Series;

/// <summary>
/// The samples of one stats message, pooled. The reader fills it, posts it, and never touches it again; the control
/// thread folds it and returns it to its <see cref="FlushBatchPool"/>.
/// </summary>
public sealed class FlushBatch
{
    /// <summary>
    /// Counts in one histogram: Envoy's 19 default buckets (upper edges 0.5, 1, 5, 10, 25, 50, 100, 250, 500, 1000,
    /// 2500, 5000, 10000, 30000, 60000, 300000, 600000, 1800000, 3600000) and what lies above.
    /// </summary>
    public const int HistogramBuckets = 20;

    private int[] _indexes = new int[256];
    private long[] _values = new long[256];
    private int _count;
    private int[] _histogramIndexes = [];
    private uint[] _histogramCounts = [];
    private int _histograms;

    /// <summary>An empty batch.</summary>
    public FlushBatch() => Received = new ControlEvent.StatsReceived(this);

    /// <summary>The event that hands this batch to the control loop; made once, because batches are pooled.</summary>
    public ControlEvent.StatsReceived Received { get; }

    /// <summary>The stream that it came on.</summary>
    public long Stream { get; private set; }

    /// <summary>How many messages the stream posted before this one; a gap says that a batch was dropped.</summary>
    public long Sequence { get; private set; }

    /// <summary>How many messages of the same flush came before this one.</summary>
    public int PartOfFlush { get; private set; }

    /// <summary>Envoy's snapshot time in milliseconds, equal for a whole flush; 0 where the message carried
    /// none.</summary>
    public long TimestampMillis { get; private set; }

    /// <summary>When the message's last byte arrived, by our clock.</summary>
    public ControlTime Arrival { get; private set; }

    /// <summary>The stream's series of interest.</summary>
    public SeriesCatalog Catalog { get; private set; } = new();

    /// <summary>How many entries of <see cref="Catalog"/> may be read.</summary>
    public int SeriesCount { get; private set; }

    /// <summary>Samples of series that nothing reads, histograms and summaries among them.</summary>
    public int SkippedSamples { get; private set; }

    /// <summary>Samples of series beyond the stream's limit.</summary>
    public int OverflowedSamples { get; private set; }

    /// <summary>Samples without a usable value: not a number, or of another type than the stat has.</summary>
    public int UnusableSamples { get; private set; }

    /// <summary>How many samples there are.</summary>
    public int Count => _count;

    /// <summary>Stream-local indexes of the samples' series, in the order of the message.</summary>
    public ReadOnlySpan<int> Indexes => _indexes.AsSpan(0, _count);

    /// <summary>The samples' values: counters absolute, gauges as they are.</summary>
    public ReadOnlySpan<long> Values => _values.AsSpan(0, _count);

    /// <summary>Stream-local indexes of the histograms' series, in the order of the message.</summary>
    public ReadOnlySpan<int> HistogramIndexes => _histogramIndexes.AsSpan(0, _histograms);

    /// <summary><see cref="HistogramBuckets"/> counts for each histogram: what the interval added to each bucket alone,
    /// not cumulative.</summary>
    public ReadOnlySpan<uint> HistogramCounts => _histogramCounts.AsSpan(0, _histograms * HistogramBuckets);

    /// <summary>Empties the batch for a new message.</summary>
    public void Clear()
    {
        _count = 0;
        _histograms = 0;
        SkippedSamples = 0;
        OverflowedSamples = 0;
        UnusableSamples = 0;
    }

    /// <summary>Adds a sample.</summary>
    /// <param name="index">The stream-local index of its series.</param>
    /// <param name="value">Its value.</param>
    public void Add(int index, long value)
    {
        // Hot path: allocation-free once the arrays have grown to the size of a message.
        if (_count == _indexes.Length)
        {
            Array.Resize(ref _indexes, _count * 2);
            Array.Resize(ref _values, _count * 2);
        }

        _indexes[_count] = index;
        _values[_count++] = value;
    }

    /// <summary>Adds a histogram of the interval.</summary>
    /// <param name="index">The stream-local index of its series.</param>
    /// <param name="counts"><see cref="HistogramBuckets"/> counts, each of its bucket alone.</param>
    public void AddHistogram(int index, ReadOnlySpan<uint> counts)
    {
        // Hot path: allocation-free once the arrays have grown to the size of a message.
        Invariant.Assert(counts.Length == HistogramBuckets, "A histogram has a count for every bucket");
        if (_histograms == _histogramIndexes.Length)
        {
            Array.Resize(ref _histogramIndexes, Math.Max(16, _histograms * 2));
            Array.Resize(ref _histogramCounts, _histogramIndexes.Length * HistogramBuckets);
        }

        _histogramIndexes[_histograms] = index;
        counts.CopyTo(_histogramCounts.AsSpan(_histograms * HistogramBuckets));
        _histograms++;
    }

    /// <summary>Counts samples that nothing reads.</summary>
    /// <param name="samples">How many.</param>
    public void Skip(int samples = 1) => SkippedSamples += samples;

    /// <summary>Counts a sample of a series beyond the limit.</summary>
    public void Overflow() => OverflowedSamples++;

    /// <summary>Counts a sample without a usable value.</summary>
    public void Unusable() => UnusableSamples++;

    /// <summary>Counts samples that are not in the batch, many at once: a replay knows their numbers.</summary>
    /// <param name="skipped">Samples that nothing reads.</param>
    /// <param name="overflowed">Samples of series beyond the limit.</param>
    /// <param name="unusable">Samples without a usable value.</param>
    public void CountUnread(int skipped, int overflowed, int unusable)
    {
        SkippedSamples += skipped;
        OverflowedSamples += overflowed;
        UnusableSamples += unusable;
    }

    /// <summary>Stamps the finished batch.</summary>
    /// <param name="stream">The stream.</param>
    /// <param name="sequence">Messages posted before on the stream.</param>
    /// <param name="partOfFlush">Messages of the same flush before.</param>
    /// <param name="timestampMillis">The snapshot time, or 0.</param>
    /// <param name="arrival">When the last byte came.</param>
    /// <param name="catalog">The stream's series.</param>
    public void Seal(
        long stream, long sequence, int partOfFlush, long timestampMillis, ControlTime arrival, SeriesCatalog catalog)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        Stream = stream;
        Sequence = sequence;
        PartOfFlush = partOfFlush;
        TimestampMillis = timestampMillis;
        Arrival = arrival;
        Catalog = catalog;
        SeriesCount = catalog.Count;
    }
}
