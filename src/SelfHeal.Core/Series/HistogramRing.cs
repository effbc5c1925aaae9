namespace SelfHeal.Core.Series;

/// <summary>
/// Bucket counts of all histograms in the open block and in the newest closed ones, one row per block. Sixteen blocks
/// cover the longest window and a few more; a histogram costs 1.4 kB. Counts saturate.
/// </summary>
internal sealed class HistogramRing
{
    /// <summary>Blocks kept: the longest window of 12 and what may be closed while it is read.</summary>
    public const int Capacity = 16;

    private const int Buckets = FlushBatch.HistogramBuckets;
    private readonly uint[][] _rows = [.. Enumerable.Repeat<uint[]>([], Capacity)];
    private uint[] _open = [];
    private int _count;

    /// <summary>Makes room for a histogram.</summary>
    /// <returns>Its number.</returns>
    public int Add()
    {
        if ((_count + 1) * Buckets > _open.Length)
            Array.Resize(ref _open, Math.Max(16 * Buckets, (_count + (_count / 4) + 1) * Buckets));
        return _count++;
    }

    /// <summary>Adds what one proxy's interval counted.</summary>
    /// <returns>The number of values.</returns>
    public long Fold(int histogram, ReadOnlySpan<uint> counts)
    {
        // Hot path: allocation-free.
        var open = _open.AsSpan(histogram * Buckets, Buckets);
        var total = 0L;
        for (var bucket = 0; bucket < Buckets; bucket++)
        {
            total += counts[bucket];
            open[bucket] = (uint)Math.Min(uint.MaxValue, (ulong)open[bucket] + counts[bucket]);
        }

        return total;
    }

    /// <summary>Moves the open block into the ring.</summary>
    public void Close(long sequence)
    {
        // Hot path: allocation-free once the rows have grown to the number of histograms.
        ref var row = ref _rows[Place(sequence)];
        if (row.Length < _count * Buckets)
            row = new uint[_open.Length];
        _open.AsSpan(0, _count * Buckets).CopyTo(row);
        _open.AsSpan(0, _count * Buckets).Clear();
    }

    /// <summary>The counts of a kept block; empty where the histogram came later.</summary>
    public ReadOnlySpan<uint> Counts(int histogram, long sequence)
    {
        var row = _rows[Place(sequence)];
        var start = histogram * Buckets;
        return start + Buckets <= row.Length ? row.AsSpan(start, Buckets) : [];
    }

    private static int Place(long sequence) => (int)(sequence % Capacity);
}
