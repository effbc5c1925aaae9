using System.Buffers.Binary;

namespace SelfHeal.Xds.Resources.Descriptors;

/// <summary>Walks the fields of one encoded message. What cannot be read gives false, and then nothing more is read.
/// </summary>
internal ref struct WireReader(ReadOnlyMemory<byte> bytes)
{
    public const int Varint = 0;
    public const int Fixed64 = 1;
    public const int Delimited = 2;
    public const int StartGroup = 3;
    public const int EndGroup = 4;
    public const int Fixed32 = 5;

    // As deep as protobuf itself follows groups.
    private const int MaxDepth = 100;

    private readonly ReadOnlyMemory<byte> _bytes = bytes;
    private readonly ReadOnlySpan<byte> _span = bytes.Span;
    private int _position;

    public readonly bool IsAtEnd => _position == _span.Length;

    /// <summary>How many bytes have been read.</summary>
    public readonly int Position => _position;

    public bool TryTag(out int field, out int wireType)
    {
        var read = TryVarint(out var tag);
        field = (int)(tag >> 3);
        wireType = (int)(tag & 7);
        return read && tag <= uint.MaxValue && field != 0;
    }

    public bool TryVarint(out ulong value)
    {
        value = 0;
        for (var shift = 0; shift < 70; shift += 7)
        {
            if (_position == _span.Length)
                return false;
            var part = _span[_position++];
            value |= (ulong)(part & 0x7F) << shift;
            if (part < 0x80)
                return true;
        }
        return false;
    }

    public bool TryFixed32(out uint value)
    {
        value = 0;
        if (_span.Length - _position < sizeof(uint))
            return false;
        value = BinaryPrimitives.ReadUInt32LittleEndian(_span[_position..]);
        _position += sizeof(uint);
        return true;
    }

    public bool TryFixed64(out ulong value)
    {
        value = 0;
        if (_span.Length - _position < sizeof(ulong))
            return false;
        value = BinaryPrimitives.ReadUInt64LittleEndian(_span[_position..]);
        _position += sizeof(ulong);
        return true;
    }

    public bool TryContent(out ReadOnlyMemory<byte> content)
    {
        content = default;
        if (!TryVarint(out var length) || length > (ulong)(_span.Length - _position))
            return false;
        content = _bytes.Slice(_position, (int)length);
        _position += (int)length;
        return true;
    }

    /// <summary>Passes over the value of a field that nobody wants.</summary>
    public bool TrySkip(int field, int wireType) => TrySkip(field, wireType, 0);

    private bool TrySkip(int field, int wireType, int depth)
    {
        switch (wireType)
        {
            case Varint:
                return TryVarint(out _);
            case Fixed64:
                return TryFixed64(out _);
            case Delimited:
                return TryContent(out _);
            case Fixed32:
                return TryFixed32(out _);
            case StartGroup when depth < MaxDepth:
                while (TryTag(out var inner, out var innerType))
                {
                    if (innerType == EndGroup)
                        return inner == field;
                    if (!TrySkip(inner, innerType, depth + 1))
                        return false;
                }
                return false;
            default:
                return false;
        }
    }
}
