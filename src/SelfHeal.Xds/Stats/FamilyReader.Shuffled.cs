using SelfHeal.Core.Series;

namespace SelfHeal.Xds.Stats;

/// <content>Families in an order that nothing foretells.</content>
internal sealed partial class FamilyReader
{
    /// <summary>Families that are looked up together: as many cache misses as a core has under way at once.</summary>
    private const int GroupMax = 8;

    private const byte FamilyTag = (2 << 3) | WireCursor.Delimited;

    /// <summary>
    /// Reads families, tag and length included, while their order is not known and their series are. A series out of
    /// order costs a chain of cache misses (bucket, slot, name, bytes); looked up one by one each would wait for the
    /// one before, so a group of them is looked up first and read afterwards.
    /// </summary>
    /// <param name="bytes">Bytes that begin with a family.</param>
    /// <param name="lengthMax">A longer family is left to the general parser.</param>
    /// <param name="batch">Takes the samples.</param>
    /// <returns>How many bytes were read.</returns>
    public int ReadShuffled(ReadOnlySpan<byte> bytes, int lengthMax, FlushBatch batch)
    {
        // Hot path: allocation-free.
        if (_isInStep || !_predicts)
            return 0;
        Span<Found> group = stackalloc Found[GroupMax];
        var read = 0;
        while (true)
        {
            var count = Find(bytes[read..], lengthMax, group);
            var start = read;
            foreach (ref readonly var found in group[..count])
            {
                if (!TryKnown(found.Place, bytes.Slice(start + found.Start, found.Length), batch))
                    return read;
                read = start + found.Start + found.Length;
                _isInStep = _table.Follow(found.Place);
                if (_isInStep)
                    return read;
            }

            if (count < GroupMax)
                return read;
        }
    }

    private int Find(ReadOnlySpan<byte> bytes, int lengthMax, Span<Found> group)
    {
        var position = 0;
        for (var count = 0; count < group.Length; count++)
        {
            if (position >= bytes.Length || bytes[position] != FamilyTag)
                return count;
            var start = position + 1;
            if (!FamilyShape.TryLength(bytes, ref start, out var length) || length > lengthMax)
                return count;
            var family = bytes.Slice(start, length);
            if (!FamilyShape.TryFind(family, out var shape))
                return count;
            var hash = SeriesHash.Of(
                family.Slice(shape.NameStart, shape.NameLength),
                family.Slice(shape.LabelsStart, shape.LabelsLength),
                shape.Kind);
            var place = _table.First(hash);

            // The name's first byte is read for its cache line.
            if (place < 0 || _table.Slots[place].Name.Prefix is [0, ..])
                return count;
            group[count] = new Found(place, start, length);
            position = start + length;
        }

        return group.Length;
    }

    /// <summary>A family whose series is probably that at a place.</summary>
    private readonly record struct Found(int Place, int Start, int Length);
}
