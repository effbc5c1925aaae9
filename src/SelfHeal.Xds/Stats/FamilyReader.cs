using System.Buffers.Binary;
using SelfHeal.Core.Series;

namespace SelfHeal.Xds.Stats;

/// <summary>
/// Reads complete <c>io.prometheus.client.MetricFamily</c> messages into a batch. All of a family's bytes but its value
/// and timestamp are the same at every flush: a family whose bytes are those that came at this place last time is read
/// by comparing them, one in another order by finding its name in the table, and only what is new or unusual by the
/// general parser, which is the authority: what the others accept it reads in the same way.
/// </summary>
internal sealed partial class FamilyReader
{
    /// <summary>Series that may be missing behind one another and still leave the order known: a histogram without
    /// values in an interval sends neither of its two families.</summary>
    private const int SkipMax = 2;

    private readonly SeriesTable _table;
    private readonly bool _predicts;
    private TimestampSuffix _suffix;
    private bool _isInStep;

    /// <summary>A reader of one stream.</summary>
    /// <param name="options">Limits.</param>
    /// <param name="directory">Where names are kept.</param>
    /// <param name="predicts">False leaves everything to the general parser; for tests.</param>
    public FamilyReader(MetricsStreamOptions options, SeriesDirectory directory, bool predicts)
    {
        _table = new SeriesTable(options, directory);
        _predicts = predicts;
    }

    public SeriesTable Table => _table;

    /// <summary>The newest timestamp read; 0 while none was.</summary>
    public long TimestampMillis { get; private set; }

    public MetricsStreamErrorCode Error { get; private set; }

    /// <summary>Where in the family the error is.</summary>
    public int ErrorOffset { get; private set; }

    /// <summary>A message begins.</summary>
    public void Begin()
    {
        TimestampMillis = 0;
        _suffix = default;
    }

    /// <summary>Reads families, tag and length included, as long as they are those that came here last time.</summary>
    /// <param name="bytes">Bytes that begin with a family.</param>
    /// <param name="batch">Takes the samples.</param>
    /// <returns>How many bytes were read.</returns>
    public int ReadPredicted(ReadOnlySpan<byte> bytes, FlushBatch batch)
    {
        // Hot path: allocation-free.
        if (!_isInStep || _table.Previous < 0 || !_predicts)
            return 0;
        var slots = _table.Slots;
        var place = _table.Previous;
        var read = 0;
        var skipped = 0;
        var suffix = _suffix;
        while (true)
        {
            ref var slot = ref slots[slots[place].Next];
            var name = slot.Name;
            var length = name.FamilyLength;
            var rest = bytes[read..];
            if (length == 0 || length > rest.Length)
                break;
            var family = rest[..length];
            var prefix = name.Prefix;
            if (!family.StartsWith(prefix) || !name.HasSuffix(family, ref suffix))
                break;
            var index = slot.Index;
            if (index < 0)
                skipped++;
            else
                Add(index, BinaryPrimitives.ReadDoubleLittleEndian(family[prefix.Length..]), batch);
            place = slots[place].Next;
            read += length;
        }

        _suffix = suffix;
        if (read == 0)
            return 0;
        TakeTimestamp();
        batch.Skip(skipped);
        _table.Previous = place;
        return read;
    }

    /// <summary>Reads a family; false leaves <see cref="Error"/>.</summary>
    /// <param name="family">Without its tag and length.</param>
    /// <param name="batch">Takes the samples.</param>
    public bool TryRead(ReadOnlySpan<byte> family, FlushBatch batch)
    {
        // Hot path: allocation-free unless a series is new.
        if (!_predicts)
            return TryReadAny(family, batch);
        if (_isInStep && _table.Previous >= 0)
        {
            var place = _table.Previous;
            for (var ahead = 0; ahead <= SkipMax; ahead++)
            {
                place = _table.Slots[place].Next;
                if (!TryKnown(place, family, batch))
                    continue;
                _table.Previous = place;
                return true;
            }
        }

        if (FamilyShape.TryFind(family, out var shape))
        {
            var name = family.Slice(shape.NameStart, shape.NameLength);
            var labels = family.Slice(shape.LabelsStart, shape.LabelsLength);
            var hash = SeriesHash.Of(name, labels, shape.Kind);
            for (var place = _table.First(hash); place >= 0; place = _table.Next(place))
            {
                if (!TryKnown(place, family, batch))
                    continue;

                // Out of step the chain is not asked, which would cost a shuffled order its cache, but still followed:
                // the first series that it would have predicted brings it back.
                _isInStep = _table.Follow(place);
                return true;
            }
        }

        _isInStep = true;
        return TryReadAny(family, batch);
    }

    /// <summary>Reads a family if it is of the series at <paramref name="place"/>, in its form.</summary>
    private bool TryKnown(int place, ReadOnlySpan<byte> family, FlushBatch batch)
    {
        ref var slot = ref _table.Slots[place];
        if (slot.Name.FamilyLength > 0)
        {
            if (!slot.Name.TryValue(family, ref _suffix, out var value))
                return false;
            if (slot.Index < 0)
                batch.Skip();
            else
                Add(slot.Index, value, batch);
            TakeTimestamp();
            return true;
        }

        if (!slot.Name.TryBody(family, _suffix, out var body))
            return false;
        if (slot.Index < 0)
        {
            batch.Skip();
        }
        else
        {
            // What is wrong in it, the general parser says.
            Span<uint> counts = stackalloc uint[FlushBatch.HistogramBuckets];
            if (!HistogramReader.TryRead(body, counts, out _, out _))
                return false;
            batch.AddHistogram(slot.Index, counts);
        }

        TakeTimestamp();
        return true;
    }

    private void TakeTimestamp()
    {
        if (_suffix.Millis != 0)
            TimestampMillis = _suffix.Millis;
    }

    private static void Add(int index, double value, FlushBatch batch)
    {
        // Whole numbers beyond 63 bits, infinities and what is no number come from no stat.
        if (Math.Abs(value) <= 9e18)
            batch.Add(index, (long)value);
        else
            batch.Unusable();
    }
}
