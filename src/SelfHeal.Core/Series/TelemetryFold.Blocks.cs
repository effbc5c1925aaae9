namespace SelfHeal.Core.Series;

/// <content>Single values of the kept blocks and of the open one, for whoever reads all of them after each
/// flush.</content>
public sealed partial class TelemetryFold
{
    /// <summary>Blocks of histograms that are kept, the newest included.</summary>
    public const int HistogramBlocks = HistogramRing.Capacity;

    /// <summary>Rises with every flush and every late part that is folded: unless it has risen, the open block is as it
    /// was.</summary>
    public long OpenVersion { get; private set; }

    /// <summary>Streams whose deltas are in the open block.</summary>
    public int OpenDelivered => _openDelivered;

    /// <summary>Takes when the last bytes of flushes came, each once: those in blocks that were closed, and those in
    /// the open block where that was looked at.</summary>
    /// <param name="withOpen">Whether the open block's are taken too.</param>
    /// <param name="arrivals">Receives monotonic nanoseconds.</param>
    public void TakeArrivals(bool withOpen, List<long> arrivals)
    {
        // Hot path: allocation-free once the lists have grown to the number of streams.
        ArgumentNullException.ThrowIfNull(arrivals);
        arrivals.AddRange(_closedArrivals);
        _closedArrivals.Clear();
        if (!withOpen)
            return;
        arrivals.AddRange(_openArrivals);
        _openArrivals.Clear();
    }

    /// <summary>Where a stat of a scope lies in every <see cref="BlockRow"/>; it never changes.</summary>
    /// <param name="scopeId">A scope's id.</param>
    /// <param name="stat">A stat of that scope.</param>
    public int SlotOf(int scopeId, Stat stat) => _slotBase[scopeId] + (int)stat;

    /// <summary>All values of a kept block, by slot: the delta of a counter, the value of a gauge, the number of values
    /// of a histogram; 32 bits, saturated. A slot beyond the end belongs to a scope that came later: 0.</summary>
    /// <param name="sequence">A block that <see cref="TryGetBlock"/> gives; for any other one the row is empty.</param>
    public ReadOnlySpan<uint> BlockRow(long sequence) => IsKept(sequence) ? _ring.Row(sequence) : [];

    /// <summary>One value of one kept block; 0 where the scope did not report or the block is not kept.</summary>
    /// <param name="scopeId">A scope's id.</param>
    /// <param name="stat">A stat of that scope.</param>
    /// <param name="sequence">The block.</param>
    public uint BlockValue(int scopeId, Stat stat, long sequence)
    {
        // Hot path: allocation-free.
        var row = BlockRow(sequence);
        var slot = SlotOf(scopeId, stat);
        return (uint)slot < (uint)row.Length ? row[slot] : 0;
    }

    /// <summary>Whether any proxy sent a stat of a scope in a kept block; if not, its zeros are not measured.</summary>
    /// <param name="scopeId">A scope's id.</param>
    /// <param name="sequence">The block.</param>
    public bool IsReported(int scopeId, long sequence) => IsKept(sequence) && _ring.IsReported(scopeId, sequence);

    /// <summary>Time observed of a scope in a kept block: the block's exposure where the scope reported.</summary>
    /// <param name="scopeId">A scope's id.</param>
    /// <param name="sequence">The block.</param>
    public TimeSpan Exposure(int scopeId, long sequence) => IsReported(scopeId, sequence)
        ? _blocks[(int)(sequence % _blocks.Length)].Exposure
        : TimeSpan.Zero;

    /// <summary>What the open block holds so far.</summary>
    /// <param name="scopeId">A scope's id.</param>
    /// <param name="stat">A stat of that scope.</param>
    public long OpenSum(int scopeId, Stat stat) => _ring.Open[SlotOf(scopeId, stat)];

    /// <summary>All values of the open block, by slot.</summary>
    public ReadOnlySpan<long> OpenRow => _ring.Open;

    /// <summary>Whether a scope has reported in the open block.</summary>
    /// <param name="scopeId">A scope's id.</param>
    public bool IsOpenReported(int scopeId) => _ring.OpenReported[scopeId] != 0;

    /// <summary>The buckets of a histogram over the blocks up to a given one, summed over proxies.</summary>
    /// <param name="scopeId">A scope's id; -1 gives no counts.</param>
    /// <param name="stat">A histogram of that scope.</param>
    /// <param name="blocks">How many blocks, 1 to <see cref="HistogramBlocks"/>.</param>
    /// <param name="endSequence">The newest block of the window.</param>
    /// <param name="counts">Receives <see cref="FlushBatch.HistogramBuckets"/> counts, each of one bucket.</param>
    /// <returns>How many values there were.</returns>
    public long HistogramWindow(int scopeId, Stat stat, int blocks, long endSequence, Span<long> counts)
    {
        // Hot path: allocation-free.
        ArgumentOutOfRangeException.ThrowIfLessThan(blocks, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(counts.Length, FlushBatch.HistogramBuckets);
        counts.Clear();
        var total = 0L;
        for (var sequence = endSequence - blocks + 1; sequence <= endSequence; sequence++)
        {
            var row = HistogramAt(scopeId, stat, sequence);
            for (var bucket = 0; bucket < row.Length; bucket++)
            {
                counts[bucket] += row[bucket];
                total += row[bucket];
            }
        }

        return total;
    }

    /// <summary>How many values of one block lay above an upper edge.</summary>
    /// <param name="scopeId">A scope's id; -1 gives 0.</param>
    /// <param name="stat">A histogram of that scope.</param>
    /// <param name="edge">The edge's place among Envoy's 19 default ones, see
    /// <see cref="FlushBatch.HistogramBuckets"/>.</param>
    /// <param name="sequence">The block.</param>
    public long CountAbove(int scopeId, Stat stat, int edge, long sequence)
    {
        // Hot path: allocation-free.
        var row = HistogramAt(scopeId, stat, sequence);
        var above = 0L;
        for (var bucket = edge + 1; bucket < row.Length; bucket++)
            above += row[bucket];
        return above;
    }

    private ReadOnlySpan<uint> HistogramAt(int scopeId, Stat stat, long sequence)
    {
        var isKept = sequence >= 0 && sequence <= ClosedSequence && sequence > ClosedSequence - HistogramBlocks;
        return isKept && HasHistogram(scopeId, stat) ? _histograms.Counts(_scopes[scopeId].Histogram, sequence) : [];
    }

    private bool HasHistogram(int scopeId, Stat stat)
    {
        if (scopeId < 0)
            return false;
        Invariant.Assert(
            StatCatalog.IsHistogram(stat) && StatCatalog.ScopeOf(stat) == _scopes[scopeId].Kind,
            "The stat is a histogram of the scope asked for");
        return _scopes[scopeId].Histogram >= 0;
    }

    private bool IsKept(long sequence) =>
        sequence >= 0 && sequence <= ClosedSequence && sequence > ClosedSequence - _blocks.Length;
}
