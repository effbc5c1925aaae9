namespace SelfHeal.Xds.Stats;

/// <summary>
/// Where the parts of a family lie that has the one shape in which Envoy sends all of them: name, type, one metric; in
/// it labels, value and timestamp in the order of their fields, and nothing else. It is a guess from a few bytes: what
/// is read by it is checked against a series whose bytes the general parser has read.
/// </summary>
internal readonly struct FamilyShape
{
    private const byte NameTag = (1 << 3) | WireCursor.Delimited;
    private const byte TypeTag = 3 << 3;
    private const byte MetricTag = (4 << 3) | WireCursor.Delimited;
    private const byte LabelTag = (1 << 3) | WireCursor.Delimited;

    public int NameStart { get; private init; }

    public int NameLength { get; private init; }

    /// <summary>Behind the tag of the metric.</summary>
    public int HeadLength { get; private init; }

    public int LabelsStart { get; private init; }

    public int LabelsLength { get; private init; }

    public byte Kind { get; private init; }

    /// <summary>Finds the parts; false where the family has another shape.</summary>
    public static bool TryFind(ReadOnlySpan<byte> family, out FamilyShape shape)
    {
        // Hot path: allocation-free.
        shape = default;
        var position = 1;
        if (family.Length < 4 || family[0] != NameTag || !TryLength(family, ref position, out var nameLength))
            return false;
        var nameStart = position;
        position += nameLength;
        if (position + 4 > family.Length)
            return false;
        if (family[position] == TypeTag && family[position + 1] < 0x80)
            position += 2;
        if (family[position] != MetricTag)
            return false;
        var head = ++position;
        if (!TryLength(family, ref position, out var metricLength) || metricLength != family.Length - position)
            return false;
        var labels = position;
        while (position < family.Length && family[position] == LabelTag)
        {
            position++;
            if (!TryLength(family, ref position, out var labelLength))
                return false;
            position += labelLength;
        }

        if (position >= family.Length)
            return false;
        var kind = KindOf(family[position]);
        shape = new FamilyShape
        {
            NameStart = nameStart,
            NameLength = nameLength,
            HeadLength = head,
            LabelsStart = labels,
            LabelsLength = position - labels,
            Kind = kind,
        };
        return kind != MetricReader.Valueless;
    }

    /// <summary>A length of at most two bytes that the rest has room for.</summary>
    public static bool TryLength(ReadOnlySpan<byte> bytes, ref int position, out int length)
    {
        length = 0;
        if (position >= bytes.Length)
            return false;
        length = bytes[position++];
        if (length >= 0x80)
        {
            if (position >= bytes.Length || bytes[position] >= 0x80)
                return false;
            length = (length & 0x7F) | (bytes[position++] << 7);
        }

        return length <= bytes.Length - position;
    }

    /// <summary>By the first field behind the labels; a histogram's stands behind the timestamp.</summary>
    private static byte KindOf(byte tag) => tag switch
    {
        (3 << 3) | WireCursor.Delimited => MetricReader.Counter,
        (2 << 3) | WireCursor.Delimited => MetricReader.Gauge,
        (4 << 3) | WireCursor.Delimited => MetricReader.Summary,
        (6 << 3) | WireCursor.Varint or ((7 << 3) | WireCursor.Delimited) => MetricReader.Histogram,
        _ => MetricReader.Valueless,
    };
}
