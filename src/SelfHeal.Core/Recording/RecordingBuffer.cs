using System.Buffers.Binary;
using System.Text;

namespace SelfHeal.Core.Recording;

/// <summary>Bytes of a chunk as they are written: variable-length integers, texts and byte strings. Pooled by its
/// owner; it grows and never shrinks.</summary>
public sealed class RecordingBuffer
{
    private const int VarintLengthMax = 10;

    private byte[] _bytes = new byte[64 * 1024];

    /// <summary>How many bytes were written.</summary>
    public int Length { get; private set; }

    /// <summary>What was written.</summary>
    public ReadOnlySpan<byte> Written => _bytes.AsSpan(0, Length);

    /// <summary>Forgets what was written.</summary>
    public void Clear() => Length = 0;

    /// <summary>One byte.</summary>
    /// <param name="value">Any.</param>
    public void Byte(byte value)
    {
        Reserve(1);
        _bytes[Length++] = value;
    }

    /// <summary>An unsigned number in seven bits per byte, the least first.</summary>
    /// <param name="value">Any.</param>
    public void Varint(ulong value)
    {
        Reserve(VarintLengthMax);
        Length += Put(_bytes.AsSpan(Length), value);
    }

    /// <summary>A signed number, small in either direction.</summary>
    /// <param name="value">Any.</param>
    public void ZigZag(long value) => Varint(Folded(value));

    /// <summary>Many signed numbers.</summary>
    /// <param name="values">Any.</param>
    public void ZigZag(ReadOnlySpan<long> values)
    {
        // Hot path: allocation-free once the buffer has grown to the size of a chunk.
        Reserve(values.Length * VarintLengthMax);
        var bytes = _bytes;
        var length = Length;
        foreach (var value in values)
        {
            var rest = Folded(value);
            for (; rest >= 0x80; rest >>= 7)
                bytes[length++] = (byte)(rest | 0x80);
            bytes[length++] = (byte)rest;
        }

        Length = length;
    }

    /// <summary>A number with a fraction, every bit of it.</summary>
    /// <param name="value">Any.</param>
    public void Fraction(double value)
    {
        Reserve(sizeof(double));
        BinaryPrimitives.WriteDoubleLittleEndian(_bytes.AsSpan(Length), value);
        Length += sizeof(double);
    }

    /// <summary>A duration in nanoseconds. Clocks tick in hundreds of them, so a hundred is the unit where it
    /// fits.</summary>
    /// <param name="value">Any.</param>
    public void Nanos(long value)
    {
        var (hundreds, rest) = Math.DivRem(value, 100);
        if (rest == 0)
        {
            Varint(Folded(hundreds) << 1);
            return;
        }

        // The flag needs a bit of its own, and all 64 of the number may be in use.
        Varint(1);
        ZigZag(value);
    }

    /// <summary>Bytes, after their count.</summary>
    /// <param name="value">Any.</param>
    public void Bytes(ReadOnlySpan<byte> value)
    {
        Varint((ulong)value.Length);
        Reserve(value.Length);
        value.CopyTo(_bytes.AsSpan(Length));
        Length += value.Length;
    }

    /// <summary>Text as UTF-8, after the count of its bytes.</summary>
    /// <param name="value">Any; halves of surrogate pairs become the replacement character.</param>
    public void Text(string value)
    {
        ArgumentNullException.ThrowIfNull(value);
        var count = Encoding.UTF8.GetByteCount(value);
        Varint((ulong)count);
        Reserve(count);
        Length += Encoding.UTF8.GetBytes(value, _bytes.AsSpan(Length));
    }

    private static ulong Folded(long value) => (ulong)((value << 1) ^ (value >> 63));

    private static int Put(Span<byte> destination, ulong value)
    {
        var length = 0;
        for (; value >= 0x80; value >>= 7)
            destination[length++] = (byte)(value | 0x80);
        destination[length++] = (byte)value;
        return length;
    }

    private void Reserve(int count)
    {
        if (_bytes.Length - Length < count)
            Array.Resize(ref _bytes, Math.Max(_bytes.Length * 2, Length + count));
    }
}
