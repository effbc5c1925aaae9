using System.Buffers.Binary;
using Google.Protobuf;

namespace SelfHeal.Benchmarks.Feeding;

/// <summary>
/// The families of one flush as HTTP/2 DATA frames, ready to be sent on stream 1 of any connection. Values and
/// timestamps are changed in place, so the next flush costs a few thousand stores and no encoding. A frame ends where
/// a family ends, so no value is cut in two.
/// </summary>
internal sealed class WireFlush
{
    public const int FrameHeaderLength = 9;
    public const int GrpcHeaderLength = 5;

    /// <summary>HTTP/2's initial SETTINGS_MAX_FRAME_SIZE, which every server takes.</summary>
    private const int PayloadMax = 16_384;

    /// <summary>Milliseconds of the years 2004 to 2109 take six bytes.</summary>
    private const int TimestampLength = 6;

    private readonly byte[] _wire;
    private readonly List<(int Offset, double Rise)> _values = [];
    private readonly List<int> _timestamps = [];

    private WireFlush(byte[] wire, int[] frameEnds, int messageLength, int families)
    {
        _wire = wire;
        FrameEnds = frameEnds;
        MessageLength = messageLength;
        Families = families;
    }

    /// <summary>All frames, one after the other.</summary>
    public ReadOnlyMemory<byte> Wire => _wire;

    /// <summary>Where each frame ends in <see cref="Wire"/>.</summary>
    public int[] FrameEnds { get; }

    /// <summary>Bytes of the gRPC message without the identifier.</summary>
    public int MessageLength { get; }

    /// <summary>Samples of it.</summary>
    public int Families { get; }

    /// <summary>Frames the families of an encoded message, its identifier left out.</summary>
    /// <param name="message">The flush.</param>
    /// <param name="next">The flush after it: what rose between the two rises in every flush.</param>
    public static WireFlush Create(byte[] message, byte[] next)
    {
        ArgumentNullException.ThrowIfNull(message);
        var families = FamiliesOf(message);
        var later = FamiliesOf(next);
        if (families.Count != later.Count)
            throw new InvalidOperationException($"{later.Count} families in the next flush, expected {families.Count}");
        var wire = new MemoryStream();
        var ends = new List<int>();
        var starts = new List<int>();
        var frameStart = 0;
        var messageLength = 0;
        wire.Write(new byte[FrameHeaderLength]);
        foreach (var family in families)
        {
            if (wire.Length - frameStart - FrameHeaderLength + family.Length > PayloadMax)
            {
                ends.Add((int)wire.Length);
                frameStart = (int)wire.Length;
                wire.Write(new byte[FrameHeaderLength]);
            }

            starts.Add((int)wire.Length);
            wire.Write(family.Span);
            messageLength += family.Length;
        }

        ends.Add((int)wire.Length);
        var bytes = wire.ToArray();
        var start = 0;
        foreach (var end in ends)
        {
            WriteFrameHeader(bytes.AsSpan(start), end - start - FrameHeaderLength);
            start = end;
        }

        var flush = new WireFlush(bytes, [.. ends], messageLength, families.Count);
        for (var i = 0; i < families.Count; i++)
            flush.Locate(families[i].Span, later[i].Span, starts[i]);
        return flush;
    }

    /// <summary>The head of a DATA frame on stream 1.</summary>
    public static void WriteFrameHeader(Span<byte> header, int length)
    {
        BinaryPrimitives.WriteInt32BigEndian(header, length << 8); // Length in 24 bits, then the type DATA, which is 0.
        header[4] = 0;
        BinaryPrimitives.WriteInt32BigEndian(header[5..], 1);
    }

    /// <summary>The values of the next flush.</summary>
    /// <param name="timestampMillis">Its snapshot time.</param>
    public void Advance(long timestampMillis)
    {
        foreach (var (offset, rise) in _values)
        {
            var place = _wire.AsSpan(offset);
            BinaryPrimitives.WriteDoubleLittleEndian(place, BinaryPrimitives.ReadDoubleLittleEndian(place) + rise);
        }

        foreach (var offset in _timestamps)
        {
            var rest = (ulong)timestampMillis;
            for (var i = 0; i < TimestampLength; i++, rest >>= 7)
                _wire[offset + i] = (byte)((rest & 0x7F) | (i + 1 < TimestampLength ? 0x80u : 0u));
        }
    }

    /// <summary>Each family with its tag and length.</summary>
    private static List<ReadOnlyMemory<byte>> FamiliesOf(byte[] message)
    {
        var families = new List<ReadOnlyMemory<byte>>();
        var input = new CodedInputStream(message);
        while (true)
        {
            var start = (int)input.Position;
            var tag = input.ReadTag();
            if (tag == 0)
                return families;
            input.SkipLastField();
            if (WireFormat.GetTagFieldNumber(tag) == 2)
                families.Add(message.AsMemory(start, (int)input.Position - start));
        }
    }

    /// <summary>Finds the counter's or gauge's value and the timestamp in a family.</summary>
    private void Locate(ReadOnlySpan<byte> family, ReadOnlySpan<byte> later, int start)
    {
        const int Metric = 4;
        const byte TimestampTag = 6 << 3;
        const byte HistogramTag = (7 << 3) | 2;
        if (family.Length != later.Length)
            throw new InvalidOperationException("a family is as long in the next flush");
        var offset = Enter(family, 0, family.Length, field: 2);
        var metric = Enter(family, offset.Start, offset.End, Metric);
        if (metric.Start < 0)
            throw new InvalidOperationException("a family has a metric");
        foreach (var kind in (ReadOnlySpan<int>)[2, 3])
        {
            var value = Enter(family, metric.Start, metric.End, kind);
            if (value.End - value.Start != 1 + sizeof(double))
                continue;
            var place = value.Start + 1;
            var rise = BinaryPrimitives.ReadDoubleLittleEndian(later[place..])
                - BinaryPrimitives.ReadDoubleLittleEndian(family[place..]);
            if (rise != 0)
                _values.Add((start + place, rise));
        }

        // A histogram follows its metric's timestamp; everything else comes before it.
        var histogram = Enter(family, metric.Start, metric.End, field: 7);
        var end = histogram.Start < 0
            ? metric.End
            : metric.Start + family[metric.Start..histogram.Start].LastIndexOf(HistogramTag);
        var timestamp = end - TimestampLength;
        if (family[timestamp - 1] != TimestampTag || family[end - 1] >= 0x80)
            throw new InvalidOperationException("a metric has a timestamp of six bytes where it is expected");
        _timestamps.Add(start + timestamp);
    }

    /// <summary>The content of the first field of a number between two offsets; -1 where there is none.</summary>
    private static (int Start, int End) Enter(ReadOnlySpan<byte> bytes, int start, int end, int field)
    {
        var input = new CodedInputStream(bytes[start..end].ToArray());
        uint tag;
        while ((tag = input.ReadTag()) != 0)
        {
            if (WireFormat.GetTagFieldNumber(tag) != field
                || WireFormat.GetTagWireType(tag) != WireFormat.WireType.LengthDelimited)
            {
                input.SkipLastField();
                continue;
            }

            var length = input.ReadLength();
            return (start + (int)input.Position, start + (int)input.Position + length);
        }

        return (-1, -1);
    }
}
