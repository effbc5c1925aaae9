using System.Buffers.Binary;
using System.Text;

namespace SelfHeal.Core.Recording;

/// <summary>
/// Reads what a <see cref="RecordingBuffer"/> wrote. Nothing that the bytes say is believed unchecked: after the first
/// thing that cannot be, everything reads as zero and <see cref="Expected"/> says what should have stood there.
/// </summary>
/// <param name="bytes">The payload of a chunk, or the rest of one.</param>
public ref struct RecordingCursor(ReadOnlySpan<byte> bytes)
{
    private readonly ReadOnlySpan<byte> _bytes = bytes;
    private int _offset;

    /// <summary>Where the next byte is read.</summary>
    public readonly int Offset => _offset;

    /// <summary>Whether something could not be read.</summary>
    public readonly bool IsBroken => Expected is not null;

    /// <summary>Whether every byte was read.</summary>
    public readonly bool IsAtEnd => _offset >= _bytes.Length;

    /// <summary>What should have stood at <see cref="Offset"/>; null while nothing is wrong.</summary>
    public string? Expected { get; private set; }

    /// <summary>Says that what was read cannot be.</summary>
    /// <param name="expected">What was expected.</param>
    public void Fail(string expected) => Expected ??= expected;

    /// <summary>One byte.</summary>
    public byte Byte()
    {
        if (IsBroken)
            return 0;
        if (_offset < _bytes.Length)
            return _bytes[_offset++];
        Fail("one more byte");
        return 0;
    }

    /// <summary>An unsigned number.</summary>
    public ulong Varint()
    {
        // Hot path: allocation-free.
        if (IsBroken)
            return 0;
        var value = 0UL;
        var offset = _offset;
        for (var shift = 0; shift < 70 && offset < _bytes.Length; shift += 7)
        {
            var part = _bytes[offset++];
            value |= (ulong)(part & 0x7F) << shift;
            if (part >= 0x80)
                continue;
            _offset = offset;
            return value;
        }

        Fail("a number of at most ten bytes");
        return 0;
    }

    /// <summary>A signed number.</summary>
    public long ZigZag()
    {
        var value = Varint();
        return (long)(value >> 1) ^ -(long)(value & 1);
    }

    /// <summary>A number that the reader's memory or time depends on.</summary>
    /// <param name="max">The largest that can be.</param>
    /// <param name="what">What it counts, for the error.</param>
    public int Count(int max, string what)
    {
        var value = Varint();
        if (value <= (ulong)max)
            return (int)value;
        Fail($"at most {max} {what}");
        return 0;
    }

    /// <summary>A number that can have 32 bits only.</summary>
    /// <param name="what">What it is, for the error.</param>
    public uint Narrow(string what)
    {
        var value = Varint();
        if (value <= uint.MaxValue)
            return (uint)value;
        Fail($"{what} of at most 32 bits");
        return 0;
    }

    /// <summary>A number with a fraction; one that is none, or not finite, cannot be.</summary>
    public double Fraction()
    {
        if (IsBroken || _bytes.Length - _offset < sizeof(double))
        {
            Fail("eight more bytes");
            return 0;
        }

        var value = BinaryPrimitives.ReadDoubleLittleEndian(_bytes[_offset..]);
        if (!double.IsFinite(value))
            Fail("a finite number");
        else
            _offset += sizeof(double);
        return value;
    }

    /// <summary>A duration in nanoseconds.</summary>
    public long Nanos()
    {
        var value = Varint();
        if (value == 1)
            return ZigZag();
        if ((value & 1) != 0)
            Fail("a duration");
        value >>= 1;
        return unchecked(((long)(value >> 1) ^ -(long)(value & 1)) * 100);
    }

    /// <summary>Bytes after their count.</summary>
    /// <param name="max">How many there may be.</param>
    public ReadOnlySpan<byte> Bytes(int max)
    {
        var count = Count(max, "bytes");
        if (count > _bytes.Length - _offset)
        {
            Fail($"{count} more bytes");
            return [];
        }

        var value = _bytes.Slice(_offset, count);
        _offset += count;
        return value;
    }

    /// <summary>Text after the count of its bytes.</summary>
    public string Text() => Encoding.UTF8.GetString(Bytes(RecordingFormat.TextLengthMax));
}
