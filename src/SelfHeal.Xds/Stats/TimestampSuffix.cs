using System.Buffers.Binary;

namespace SelfHeal.Xds.Stats;

/// <summary>
/// The bytes of a metric's timestamp field (tag and value), which are the same in all families of a flush: behind a
/// value one comparison says that nothing else is there.
/// </summary>
internal struct TimestampSuffix
{
    /// <summary>The field's bytes: a tag, and seven bytes reach for 10,000 years.</summary>
    public const int LengthMax = 8;

    private const byte Tag = (6 << 3) | WireCursor.Varint;

    private ulong _word;
    private int _shift;

    /// <summary>How many bytes; 0 while none was seen.</summary>
    public int Length { get; private set; }

    /// <summary>The timestamp.</summary>
    public long Millis { get; private set; }

    /// <summary>Whether a family ends with it.</summary>
    /// <param name="family">At least eight bytes.</param>
    public readonly bool Ends(ReadOnlySpan<byte> family) =>
        Length > 0 && BinaryPrimitives.ReadUInt64LittleEndian(family[^8..]) >> _shift == _word;

    /// <summary>Whether it lies at the start of <paramref name="bytes"/>; true as well where there is none.</summary>
    public readonly bool Starts(ReadOnlySpan<byte> bytes)
    {
        if (Length == 0)
            return true;
        return bytes.Length >= sizeof(ulong)
            && BinaryPrimitives.ReadUInt64LittleEndian(bytes) << _shift >> _shift == _word;
    }

    /// <summary>Takes over the field that these bytes are; false where they are not exactly that, or where the time is
    /// 0, which says as little as none.</summary>
    public bool TryTake(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length is < 2 or > LengthMax || bytes[0] != Tag)
            return false;
        var cursor = new WireCursor(bytes[1..]);
        if (!cursor.TryVarint(out var millis) || millis == 0 || cursor.Position != bytes.Length - 1)
            return false;
        _word = 0;
        for (var i = bytes.Length - 1; i >= 0; i--)
            _word = (_word << 8) | bytes[i];
        Length = bytes.Length;
        _shift = 64 - (8 * Length);
        Millis = (long)millis;
        return true;
    }
}
