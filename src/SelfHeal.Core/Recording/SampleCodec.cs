using SelfHeal.Core.Series;
using SelfHeal.Core.Time;

namespace SelfHeal.Core.Recording;

/// <summary>
/// A batch of stats as bytes: runs of neighbouring series, differences to the newest values of the same series with
/// runs of unchanged ones counted, histograms by the buckets that are not empty.
/// </summary>
internal sealed class SampleCodec
{
    private int[] _indexes = new int[256];
    private long[] _values = new long[256];

    /// <summary>Whether a batch is within what a reader takes.</summary>
    public static bool CanWrite(FlushBatch batch) =>
        batch.Count <= RecordingFormat.SamplesMax && batch.HistogramIndexes.Length <= RecordingFormat.SamplesMax
        && batch.SeriesCount <= RecordingFormat.SeriesMax;

    /// <summary>Writes a batch.</summary>
    public void Write(RecordingBuffer buffer, FlushBatch batch, StreamSamples stream, ControlTime now)
    {
        // Hot path: allocation-free once the buffers have grown to the size of a flush.
        buffer.ZigZag(batch.Stream);
        buffer.ZigZag(batch.Sequence - stream.NextSequence);
        buffer.ZigZag(batch.PartOfFlush);
        buffer.ZigZag(batch.TimestampMillis - stream.TimestampMillis);
        buffer.Nanos(now.MonotonicNanos - batch.Arrival.MonotonicNanos);
        buffer.ZigZag(now.Wall.UtcTicks - batch.Arrival.Wall.UtcTicks);
        buffer.Varint((ulong)batch.SeriesCount);
        buffer.Varint((ulong)batch.SkippedSamples);
        buffer.Varint((ulong)batch.OverflowedSamples);
        buffer.Varint((ulong)batch.UnusableSamples);
        stream.NextSequence = batch.Sequence + 1;
        stream.TimestampMillis = batch.TimestampMillis;
        stream.Grow(batch.SeriesCount);
        WriteIndexes(buffer, batch.Indexes);
        WriteValues(buffer, batch.Indexes, batch.Values, stream.Last);
        WriteIndexes(buffer, batch.HistogramIndexes);
        WriteHistograms(buffer, batch.HistogramCounts);
    }

    /// <summary>Reads what follows a stream's number into an empty batch.</summary>
    /// <param name="cursor">Behind the stream's number.</param>
    /// <param name="batch">Empty.</param>
    /// <param name="streamId">The stream's number.</param>
    /// <param name="stream">Its state.</param>
    /// <param name="now">The time of the step.</param>
    /// <param name="catalogOf">Makes the stream's catalog hold so many series; null where they are not in the
    /// file.</param>
    /// <returns>False where the cursor is broken or the batch refers to series whose names are lost; the cursor is
    /// behind the batch in the second case.</returns>
    public bool TryRead(
        ref RecordingCursor cursor,
        FlushBatch batch,
        long streamId,
        StreamSamples stream,
        ControlTime now,
        Func<long, int, SeriesCatalog?> catalogOf)
    {
        var sequence = unchecked(stream.NextSequence + cursor.ZigZag());
        var part = unchecked((int)cursor.ZigZag());
        var millis = unchecked(stream.TimestampMillis + cursor.ZigZag());
        var nanos = unchecked(now.MonotonicNanos - cursor.Nanos());
        var ticks = unchecked(now.Wall.UtcTicks - cursor.ZigZag());
        var series = cursor.Count(RecordingFormat.SeriesMax, "series");
        batch.CountUnread(
            cursor.Count(int.MaxValue, "samples"),
            cursor.Count(int.MaxValue, "samples"),
            cursor.Count(int.MaxValue, "samples"));
        if (ticks < DateTimeOffset.MinValue.Ticks || ticks > DateTimeOffset.MaxValue.Ticks)
            cursor.Fail("an arrival between the years 1 and 9999");
        var catalog = cursor.IsBroken ? null : catalogOf(streamId, series);

        // Values of series without a name are read over, and nothing is kept for them.
        if (catalog is not null)
            stream.Grow(series);
        ReadSamples(ref cursor, batch, series, catalog is null ? null : stream.Last);
        ReadHistograms(ref cursor, batch, series);
        if (cursor.IsBroken)
            return false;
        stream.NextSequence = unchecked(sequence + 1);
        stream.TimestampMillis = millis;
        if (catalog is null)
            return false;
        var arrival = new ControlTime(nanos, new DateTimeOffset(ticks, TimeSpan.Zero));
        batch.Seal(streamId, unchecked(sequence - stream.FirstSequence), part, millis, arrival, catalog);
        return true;
    }

    private static void WriteIndexes(RecordingBuffer buffer, ReadOnlySpan<int> indexes)
    {
        buffer.Varint((ulong)indexes.Length);
        var expected = 0;
        for (var i = 0; i < indexes.Length;)
        {
            var start = indexes[i];
            var length = 1;
            while (i + length < indexes.Length && indexes[i + length] == start + length)
                length++;
            buffer.ZigZag(start - expected);
            buffer.Varint((ulong)length);
            expected = start + length;
            i += length;
        }
    }

    private void WriteValues(
        RecordingBuffer buffer, ReadOnlySpan<int> indexes, ReadOnlySpan<long> values, long[] last)
    {
        if (_values.Length < indexes.Length)
            _values = new long[Math.Max(_values.Length * 2, indexes.Length)];
        var differences = _values.AsSpan(0, indexes.Length);
        for (var i = 0; i < indexes.Length; i++)
        {
            ref var newest = ref last[indexes[i]];
            differences[i] = unchecked(values[i] - newest);
            newest = values[i];
        }

        while (!differences.IsEmpty)
        {
            var unchanged = differences.IndexOfAnyExcept(0L);
            unchanged = unchanged < 0 ? differences.Length : unchanged;
            differences = differences[unchanged..];
            var changed = differences.IndexOf(0L);
            changed = changed < 0 ? differences.Length : changed;
            buffer.Varint((ulong)unchanged);
            buffer.Varint((ulong)changed);
            buffer.ZigZag(differences[..changed]);
            differences = differences[changed..];
        }
    }

    private static void WriteHistograms(RecordingBuffer buffer, ReadOnlySpan<uint> counts)
    {
        for (; !counts.IsEmpty; counts = counts[FlushBatch.HistogramBuckets..])
        {
            var filled = 0U;
            for (var bucket = 0; bucket < FlushBatch.HistogramBuckets; bucket++)
                filled |= counts[bucket] > 0 ? 1U << bucket : 0;
            buffer.Varint(filled);
            for (var bucket = 0; bucket < FlushBatch.HistogramBuckets; bucket++)
            {
                if (counts[bucket] > 0)
                    buffer.Varint(counts[bucket]);
            }
        }
    }

    private int ReadIndexes(ref RecordingCursor cursor, int series)
    {
        var count = cursor.Count(RecordingFormat.SamplesMax, "samples");
        if (_indexes.Length < count)
            _indexes = new int[Math.Max(_indexes.Length * 2, count)];
        var expected = 0L;
        for (var read = 0; read < count && !cursor.IsBroken;)
        {
            var start = expected + cursor.ZigZag();
            var length = cursor.Count(count - read, "samples in a run");
            if (length == 0 || start < 0 || start > series - length)
            {
                cursor.Fail($"places of samples below {series}");
                break;
            }

            for (var i = 0; i < length; i++)
                _indexes[read++] = (int)start + i;
            expected = start + length;
        }

        return cursor.IsBroken ? 0 : count;
    }

    private void ReadSamples(ref RecordingCursor cursor, FlushBatch batch, int series, long[]? last)
    {
        // Hot path: allocation-free once the buffers have grown to the size of a flush.
        var count = ReadIndexes(ref cursor, series);
        for (var read = 0; read < count && !cursor.IsBroken;)
        {
            var unchanged = cursor.Count(count - read, "unchanged samples");
            for (var end = read + unchanged; read < end && last is not null; read++)
                batch.Add(_indexes[read], last[_indexes[read]]);
            read = last is null ? read + unchanged : read;
            var changed = cursor.Count(count - read, "changed samples");
            if (unchanged == 0 && changed == 0)
                cursor.Fail("samples in a run of samples");
            for (var end = read + changed; read < end; read++)
            {
                var difference = cursor.ZigZag();
                if (last is null)
                    continue;
                ref var newest = ref last[_indexes[read]];
                newest = unchecked(newest + difference);
                batch.Add(_indexes[read], newest);
            }
        }
    }

    private void ReadHistograms(ref RecordingCursor cursor, FlushBatch batch, int series)
    {
        Span<uint> counts = stackalloc uint[FlushBatch.HistogramBuckets];
        var count = ReadIndexes(ref cursor, series);
        for (var i = 0; i < count && !cursor.IsBroken; i++)
        {
            var filled = cursor.Count((1 << FlushBatch.HistogramBuckets) - 1, "as a mask of buckets");
            for (var bucket = 0; bucket < FlushBatch.HistogramBuckets; bucket++)
                counts[bucket] = (filled & (1 << bucket)) == 0 ? 0 : cursor.Narrow("a bucket's count");
            batch.AddHistogram(_indexes[i], counts);
        }
    }
}
