using System.Buffers.Binary;

namespace SelfHeal.Xds.Stats;

/// <summary>
/// Walks the protobuf fields of one complete message in one span. After the first error it stands still and keeps what
/// was wrong and where; every later read is refused.
/// </summary>
internal ref struct WireCursor(ReadOnlySpan<byte> bytes)
{
    public const int Varint = 0;
    public const int Fixed64 = 1;
    public const int Delimited = 2;
    public const int Fixed32 = 5;

    private readonly ReadOnlySpan<byte> _bytes = bytes;
    private int _position;

    public MetricsStreamErrorCode Error { get; private set; }

    /// <summary>Where the element begins that <see cref="Error"/> is about.</summary>
    public int ErrorOffset { get; private set; }

    public readonly int Position => _position;

    /// <summary>Where the last tag began.</summary>
    public int FieldStart { get; private set; }

    /// <summary>The next field's number and wire type; false at the end or after an error.</summary>
    public bool TryTag(out int field, out int wireType)
    {
        // Hot path: allocation-free.
        field = 0;
        wireType = 0;
        if (Error != MetricsStreamErrorCode.None || _position == _bytes.Length)
            return false;
        FieldStart = _position;
        ulong tag = _bytes[_position];
        if (tag < 0x80)
            _position++;
        else if (!TryVarint(out tag))
            return false;
        field = (int)(tag >> 3);
        wireType = (int)(tag & 7);
        return (tag <= uint.MaxValue && field != 0) || Fail(MetricsStreamErrorCode.BadTag, FieldStart);
    }

    public bool TryVarint(out ulong value)
    {
        // Hot path: allocation-free.
        value = 0;
        var start = _position;
        for (var shift = 0; shift < 70; shift += 7)
        {
            if (_position == _bytes.Length)
                return Fail(MetricsStreamErrorCode.Truncated, start);
            var part = _bytes[_position++];
            value |= (ulong)(part & 0x7F) << shift;
            if (part < 0x80)
                return true;
        }

        return Fail(MetricsStreamErrorCode.BadVarint, start);
    }

    public bool TryDouble(out double value)
    {
        value = 0;
        if (_bytes.Length - _position < sizeof(double))
            return Fail(MetricsStreamErrorCode.Truncated, _position);
        value = BinaryPrimitives.ReadDoubleLittleEndian(_bytes[_position..]);
        _position += sizeof(double);
        return true;
    }

    /// <summary>The content of a length-delimited field; <see cref="Position"/> is then behind it.</summary>
    public bool TryContent(out ReadOnlySpan<byte> content)
    {
        // Hot path: allocation-free.
        content = default;
        var start = _position;
        if (!TryVarint(out var length))
            return false;
        if (length > (ulong)(_bytes.Length - _position))
            return Fail(MetricsStreamErrorCode.BadLength, start);
        content = _bytes.Slice(_position, (int)length);
        _position += (int)length;
        return true;
    }

    public bool TrySkip(int wireType)
    {
        // Hot path: allocation-free.
        switch (wireType)
        {
            case Varint:
                return TryVarint(out _);
            case Fixed64:
                return TryAdvance(8);
            case Delimited:
                return TryContent(out _);
            case Fixed32:
                return TryAdvance(4);
            default:
                return Fail(MetricsStreamErrorCode.BadWireType, FieldStart);
        }
    }

    /// <summary>Whether a known field has its declared wire type.</summary>
    public bool Expect(int wireType, int declared) =>
        wireType == declared || Fail(MetricsStreamErrorCode.BadWireType, FieldStart);

    /// <summary>Takes over the error of a message inside this one.</summary>
    public bool Fail(MetricsStreamErrorCode code, int offset)
    {
        Error = code;
        ErrorOffset = offset;
        return false;
    }

    private bool TryAdvance(int length)
    {
        if (_bytes.Length - _position < length)
            return Fail(MetricsStreamErrorCode.Truncated, _position);
        _position += length;
        return true;
    }
}
