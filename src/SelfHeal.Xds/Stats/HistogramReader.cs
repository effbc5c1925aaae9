using System.Buffers.Binary;
using SelfHeal.Core.Series;

namespace SelfHeal.Xds.Stats;

/// <summary>
/// Reads an <c>io.prometheus.client.Histogram</c> of one interval onto Envoy's 19 default edges. With other edges
/// (<c>histogram_bucket_settings</c>) a value is counted where the lower edge of its own bucket puts it: never as
/// slower than it is proved to be.
/// </summary>
internal static class HistogramReader
{
    private static ReadOnlySpan<double> Edges =>
    [
        0.5, 1, 5, 10, 25, 50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000, 30_000, 60_000, 300_000, 600_000, 1_800_000,
        3_600_000,
    ];

    /// <summary>Reads the counts; an error's offset is relative to the first byte.</summary>
    /// <param name="histogram">The message.</param>
    /// <param name="counts">Receives <see cref="FlushBatch.HistogramBuckets"/> counts, each of its bucket
    /// alone.</param>
    /// <param name="error">What is wrong.</param>
    /// <param name="offset">Where.</param>
    public static bool TryRead(
        ReadOnlySpan<byte> histogram, Span<uint> counts, out MetricsStreamErrorCode error, out int offset)
    {
        // Hot path: allocation-free.
        counts.Clear();
        var total = 0UL;
        var below = 0UL;
        var slot = 0;
        var cursor = new WireCursor(histogram);
        while (cursor.TryTag(out var field, out var wireType))
        {
            if (field == 1 && cursor.Expect(wireType, WireCursor.Varint))
            {
                cursor.TryVarint(out total);
            }
            else if (field == 3 && cursor.Expect(wireType, WireCursor.Delimited) && cursor.TryContent(out var bucket))
            {
                if (!TryBucket(bucket, ref cursor, out var cumulative, out var edge))
                    break;
                Add(counts, slot, ref below, cumulative);
                while (slot < Edges.Length && edge >= Edges[slot])
                    slot++;
            }
            else if (field is not (1 or 3))
            {
                cursor.TrySkip(wireType);
            }
        }

        Add(counts, slot, ref below, total);
        error = cursor.Error;
        offset = cursor.ErrorOffset;
        return error == MetricsStreamErrorCode.None;
    }

    private static void Add(Span<uint> counts, int slot, ref ulong below, ulong cumulative)
    {
        // Counts that fall, or an edge that is no number, come from no Envoy; they add nothing.
        if (cumulative <= below)
            return;
        counts[slot] = (uint)Math.Min(uint.MaxValue, counts[slot] + (cumulative - below));
        below = cumulative;
    }

    private static bool TryBucket(
        ReadOnlySpan<byte> bucket, ref WireCursor outer, out ulong cumulative, out double edge)
    {
        // As Envoy writes it: the count, at most two bytes of it mostly, and the edge.
        if (bucket.Length == 11 && bucket[0] == 0x08 && bucket[1] < 0x80 && bucket[2] == 0x11)
        {
            cumulative = bucket[1];
            edge = BinaryPrimitives.ReadDoubleLittleEndian(bucket[3..]);
            return true;
        }

        cumulative = 0;
        edge = double.NaN;
        var cursor = new WireCursor(bucket);
        while (cursor.TryTag(out var field, out var wireType))
        {
            if (field == 1 && cursor.Expect(wireType, WireCursor.Varint))
                cursor.TryVarint(out cumulative);
            else if (field == 2 && cursor.Expect(wireType, WireCursor.Fixed64))
                cursor.TryDouble(out edge);
            else if (field is not (1 or 2))
                cursor.TrySkip(wireType);
        }

        if (cursor.Error == MetricsStreamErrorCode.None)
            return true;
        outer.Fail(cursor.Error, outer.Position - bucket.Length + cursor.ErrorOffset);
        return false;
    }
}
