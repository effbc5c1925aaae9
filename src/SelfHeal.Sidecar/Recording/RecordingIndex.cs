using SelfHeal.Core.Recording;

namespace SelfHeal.Sidecar.Recording;

/// <summary>The index of a file as bytes.</summary>
internal static class RecordingIndex
{
    /// <summary>Writes the payload of the index.</summary>
    /// <param name="buffer">Emptied and filled.</param>
    /// <param name="entries">In the order of the file.</param>
    public static void Write(RecordingBuffer buffer, IReadOnlyList<IndexEntry> entries)
    {
        buffer.Clear();
        buffer.Varint((ulong)entries.Count);
        var before = new IndexEntry(0, ChunkKind.None, DateTimeOffset.UnixEpoch);
        foreach (var entry in entries)
        {
            buffer.Varint((ulong)(entry.Offset - before.Offset));
            buffer.Byte((byte)entry.Kind);
            buffer.ZigZag(entry.First.UtcTicks - before.First.UtcTicks);
            before = entry;
        }
    }

    /// <summary>Reads the payload of the index.</summary>
    /// <param name="payload">Not compressed.</param>
    /// <returns>Null where it is none: then the headers have to be walked.</returns>
    public static List<IndexEntry>? TryRead(ReadOnlySpan<byte> payload)
    {
        var cursor = new RecordingCursor(payload);
        var entries = new List<IndexEntry>();
        var count = cursor.Count(RecordingFormat.ChunkLengthMax, "entries");
        var (offset, ticks) = (0L, DateTimeOffset.UnixEpoch.UtcTicks);
        for (var i = 0; i < count && !cursor.IsBroken; i++)
        {
            offset = unchecked(offset + (long)cursor.Varint());
            var kind = (ChunkKind)cursor.Byte();
            ticks = unchecked(ticks + cursor.ZigZag());
            if (offset < 0 || ticks < DateTimeOffset.MinValue.Ticks || ticks > DateTimeOffset.MaxValue.Ticks)
                return null;
            entries.Add(new IndexEntry(offset, kind, new DateTimeOffset(ticks, TimeSpan.Zero)));
        }

        return cursor.IsBroken ? null : entries;
    }
}
