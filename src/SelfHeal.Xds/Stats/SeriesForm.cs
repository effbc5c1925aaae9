namespace SelfHeal.Xds.Stats;

/// <summary>
/// Where the parts of a <see cref="SeriesName"/> lie in its bytes, and what its families look like. Kept small: a
/// series in an unexpected place costs the cache lines that its name is read from.
/// </summary>
internal readonly record struct SeriesForm
{
    /// <summary>Bytes that a form adds to those of a family: its tag and the longest length.</summary>
    public const int HeaderLengthMax = 6;

    /// <summary>Bytes of a family that is given a form: the longest name and labels fit many times.</summary>
    private const int FamilyLengthMax = 32 * 1024;

    /// <summary>Tag of a counter's or gauge's value inside its message, a double.</summary>
    private const byte ValueTag = (1 << 3) | WireCursor.Fixed64;

    public uint Hash { get; init; }

    /// <summary>Counter, gauge, histogram, ...: Envoy sends two families of the same name for a histogram.</summary>
    public byte Kind { get; init; }

    public ushort NameStart { get; init; }

    public ushort NameLength { get; init; }

    public ushort LabelsStart { get; init; }

    public ushort LabelsLength { get; init; }

    /// <summary>Bytes of a summary's or histogram's family up to the metric's length; 0 for others.</summary>
    public ushort HeadLength { get; init; }

    /// <summary>Length of the whole family of a counter or gauge, with its tag and length; 0 for others.</summary>
    public ushort FamilyLength { get; init; }

    /// <summary>How many bytes of <see cref="FamilyLength"/> are tag and length.</summary>
    public byte HeaderLength { get; init; }

    /// <summary>Bytes of the timestamp behind the value of a counter or gauge.</summary>
    public byte SuffixLength { get; init; }

    /// <summary>The form of a series that only the general parser recognises: its name and labels.</summary>
    public static SeriesForm OfKey(
        ReadOnlySpan<byte> name, ReadOnlySpan<byte> labels, byte kind, uint hash, Span<byte> bytes, out int length)
    {
        name.CopyTo(bytes);
        labels.CopyTo(bytes[name.Length..]);
        length = name.Length + labels.Length;
        return new SeriesForm
        {
            Hash = hash,
            Kind = kind,
            NameLength = (ushort)name.Length,
            LabelsStart = (ushort)name.Length,
            LabelsLength = (ushort)labels.Length,
        };
    }

    /// <summary>The form of a family that the general parser has read, where it is one by which the next is
    /// recognised.</summary>
    /// <param name="family">The family without its tag and length.</param>
    /// <param name="shape">Its parts.</param>
    /// <param name="hash">The hash of its key.</param>
    /// <param name="bytes">Receives the bytes that are the same in all its families; must hold the family and
    /// <see cref="HeaderLengthMax"/> more.</param>
    /// <param name="length">How many there are.</param>
    /// <param name="form">The form.</param>
    public static bool TryFrom(
        ReadOnlySpan<byte> family,
        in FamilyShape shape,
        uint hash,
        Span<byte> bytes,
        out int length,
        out SeriesForm form)
    {
        form = new SeriesForm
        {
            Hash = hash,
            Kind = shape.Kind,
            NameStart = (ushort)shape.NameStart,
            NameLength = (ushort)shape.NameLength,
            LabelsLength = (ushort)shape.LabelsLength,
        };
        length = 0;
        if (family.Length > FamilyLengthMax)
            return false;
        if (shape.Kind is MetricReader.Summary or MetricReader.Histogram)
        {
            // A length lies between the head and the labels, so they are kept one behind the other.
            family[..shape.HeadLength].CopyTo(bytes);
            family.Slice(shape.LabelsStart, shape.LabelsLength).CopyTo(bytes[shape.HeadLength..]);
            length = shape.HeadLength + shape.LabelsLength;
            var head = (ushort)shape.HeadLength;
            form = form with { HeadLength = head, LabelsStart = head };
            return true;
        }

        var value = shape.LabelsStart + shape.LabelsLength;
        var prefix = value + 3;
        var suffix = family.Length - prefix - sizeof(double);
        if (suffix is < 0 or > TimestampSuffix.LengthMax || family[value + 1] != 1 + sizeof(double)
            || family[value + 2] != ValueTag)
            return false;
        var header = WriteHeader(bytes, family.Length);
        family[..prefix].CopyTo(bytes[header..]);
        length = header + prefix;
        form = form with
        {
            NameStart = (ushort)(header + shape.NameStart),
            LabelsStart = (ushort)(header + shape.LabelsStart),
            FamilyLength = (ushort)(header + family.Length),
            HeaderLength = (byte)header,
            SuffixLength = (byte)suffix,
        };
        return true;
    }

    private static int WriteHeader(Span<byte> bytes, int length)
    {
        var position = 0;
        bytes[position++] = (2 << 3) | WireCursor.Delimited;
        for (; length >= 0x80; length >>= 7)
            bytes[position++] = (byte)(length | 0x80);
        bytes[position++] = (byte)length;
        return position;
    }
}
