using SelfHeal.Core.Series;

namespace SelfHeal.Core.Recording;

/// <summary>The names of series as bytes: each name says how much it shares with the one before.</summary>
public static class CatalogCodec
{
    /// <summary>Adds a stream's new series to the payload of a <see cref="ChunkKind.Catalog"/> chunk.</summary>
    /// <param name="buffer">The payload.</param>
    /// <param name="growth">The series.</param>
    /// <param name="from">The first to write.</param>
    /// <param name="lengthMax">Where to stop: a chunk has a limit, a catalog need not fit in one.</param>
    /// <returns>Behind the last that was written.</returns>
    public static int Write(RecordingBuffer buffer, in CatalogGrowth growth, int from, int lengthMax)
    {
        ArgumentNullException.ThrowIfNull(buffer);
        var before = "";
        var scopeName = "";
        var stats = new List<Stat>();
        buffer.ZigZag(growth.Stream);
        buffer.Varint((ulong)from);
        var index = from;
        for (; index < growth.To && buffer.Length < lengthMax; index++)
        {
            var entry = growth.Catalog[index];
            var shared = before.AsSpan().CommonPrefixLength(entry.FullName);
            // A pair of surrogates is one character on disk and cannot be shared by half.
            if (shared > 0 && char.IsHighSurrogate(entry.FullName[shared - 1]))
                shared--;
            buffer.Byte(1);
            buffer.Varint((ulong)shared);
            buffer.Text(entry.FullName[shared..]);
            buffer.Byte((byte)entry.Key.Scope);
            WriteStat(buffer, entry.Key.Stat, stats);
            var isSame = string.Equals(entry.Key.Name, scopeName, StringComparison.Ordinal);
            buffer.Byte((byte)((entry.Ambiguous ? 1 : 0) | (isSame ? 2 : 0)));
            if (!isSame)
                buffer.Text(entry.Key.Name);
            before = entry.FullName;
            scopeName = entry.Key.Name;
        }

        buffer.Byte(0);
        return index;
    }

    /// <summary>Reads one stream's part of a payload.</summary>
    /// <param name="cursor">At the part.</param>
    /// <param name="add">Takes the stream, the place and the series; says whether there is room for it.</param>
    internal static void Read(ref RecordingCursor cursor, Func<long, int, SeriesEntry, bool> add)
    {
        var stream = cursor.ZigZag();
        var index = cursor.Count(RecordingFormat.SeriesMax, "series of a stream");
        var before = "";
        var scopeName = "";
        var stats = new List<Stat>();
        while (cursor.Byte() == 1)
        {
            var shared = cursor.Count(before.Length, "characters of the name before");
            var suffix = cursor.Text();
            var name = string.Concat(before.AsSpan(0, shared), suffix);
            var scope = cursor.Byte();
            var stat = ReadStat(ref cursor, stats);
            var flags = cursor.Byte();
            if ((flags & 2) == 0)
                scopeName = cursor.Text();
            if (name.Length > RecordingFormat.TextLengthMax || !Enum.IsDefined((StatScope)scope))
                cursor.Fail("a series with a scope that this version knows");
            if (cursor.IsBroken)
                return;
            var key = new SeriesKey((StatScope)scope, scopeName, stat);
            if (!add(stream, index++, new SeriesEntry(name, key, (flags & 1) != 0)))
            {
                cursor.Fail($"at most {RecordingFormat.SeriesMax} series and "
                    + $"{RecordingFormat.NameCharactersMax} characters of names");
                return;
            }

            before = name;
        }
    }

    /// <summary>The numbers of stats are this version's own, so a stat's first mention is its name.</summary>
    private static void WriteStat(RecordingBuffer buffer, Stat stat, List<Stat> stats)
    {
        var place = stats.IndexOf(stat);
        buffer.Varint((ulong)(place < 0 ? stats.Count : place));
        if (place >= 0)
            return;
        stats.Add(stat);
        buffer.Text(stat.ToString());
    }

    private static Stat ReadStat(ref RecordingCursor cursor, List<Stat> stats)
    {
        var place = cursor.Count(stats.Count, "stats");
        if (place < stats.Count)
            return stats[place];
        var name = cursor.Text();
        if (!cursor.IsBroken && Enum.TryParse<Stat>(name, out var stat) && !char.IsAsciiDigit(name[0])
            && stat != Stat.None)
        {
            stats.Add(stat);
            return stat;
        }

        cursor.Fail("the name of a stat that this version knows");
        return Stat.None;
    }
}
