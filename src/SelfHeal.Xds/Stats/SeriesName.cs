using System.Buffers.Binary;
using SelfHeal.Core.Series;

namespace SelfHeal.Xds.Stats;

/// <summary>
/// What is the same in all flushes and in all streams that send it: the identity of a series (name, labels, kind), what
/// it measures, and the bytes of its family up to the value, by which the next one is recognised. Immutable but for the
/// count of its users, which belongs to the <see cref="SeriesDirectory"/>.
/// </summary>
internal sealed class SeriesName
{
    private readonly byte[] _bytes;
    private readonly SeriesForm _form;

    public SeriesName(byte[] bytes, in SeriesForm form, bool keepsEverySeries)
    {
        _bytes = bytes;
        _form = form;
        Entry = SeriesClass.Of(Name, Labels, form.Kind);
        if (keepsEverySeries)
            Entry ??= SeriesClass.Unread(Name, Labels, form.Kind);
    }

    /// <summary>What the series measures; null where nothing reads it.</summary>
    public SeriesEntry? Entry { get; }

    public SeriesForm Form => _form;

    /// <summary>As <see cref="SeriesForm.FamilyLength"/>.</summary>
    public int FamilyLength => _form.FamilyLength;

    /// <summary>As <see cref="SeriesForm.SuffixLength"/>.</summary>
    public int SuffixLength => _form.SuffixLength;

    /// <summary>Bytes that the name takes, objects included.</summary>
    public int Cost => CostOf(_bytes.Length);

    /// <summary>Streams that use the name, under the directory's lock.</summary>
    public int Users { get; set; }

    /// <summary>The next name in the directory's bucket, under its lock.</summary>
    public SeriesName? Chain { get; set; }

    /// <summary>The bytes before the value of a counter or gauge.</summary>
    public ReadOnlySpan<byte> Prefix => _bytes;

    private ReadOnlySpan<byte> Name => _bytes.AsSpan(_form.NameStart, _form.NameLength);

    private ReadOnlySpan<byte> Labels => _bytes.AsSpan(_form.LabelsStart, _form.LabelsLength);

    /// <summary>Bytes that a name of this many takes: the two objects, and for a stat of interest its entry and
    /// strings, as an upper bound.</summary>
    public static int CostOf(int length) => (4 * length) + 256;

    /// <summary>Whether it is the same series, whatever the form.</summary>
    public bool Is(ReadOnlySpan<byte> name, ReadOnlySpan<byte> labels, byte kind) =>
        _form.Kind == kind && Name.SequenceEqual(name) && Labels.SequenceEqual(labels);

    /// <summary>Whether it is the same series in the same form.</summary>
    public bool IsSame(ReadOnlySpan<byte> bytes, in SeriesForm form) =>
        _form.Hash == form.Hash && _form == form && _bytes.AsSpan().SequenceEqual(bytes);

    /// <summary>Whether a counter's or gauge's family is of this series: its bytes before the value, its length, and
    /// the timestamp behind it.</summary>
    /// <param name="family">The family without its tag and length.</param>
    /// <param name="suffix">The flush's timestamp, taken from here where it was not known.</param>
    /// <param name="value">The value.</param>
    public bool TryValue(ReadOnlySpan<byte> family, ref TimestampSuffix suffix, out double value)
    {
        // Hot path: allocation-free.
        value = 0;
        var prefix = _bytes.AsSpan(_form.HeaderLength);
        if (FamilyLength == 0 || family.Length != FamilyLength - _form.HeaderLength || !family.StartsWith(prefix))
            return false;
        value = BinaryPrimitives.ReadDoubleLittleEndian(family[prefix.Length..]);
        return HasSuffix(family, ref suffix);
    }

    /// <summary>Whether behind a value comes the timestamp of the flush or nothing, as the form has it.</summary>
    public bool HasSuffix(ReadOnlySpan<byte> family, ref TimestampSuffix suffix) =>
        (suffix.Length == SuffixLength && suffix.Ends(family)) || SuffixLength == 0
        || suffix.TryTake(family[^SuffixLength..]);

    /// <summary>Whether a summary's or histogram's family is of this series.</summary>
    /// <param name="family">The family without its tag and length.</param>
    /// <param name="suffix">The flush's timestamp.</param>
    /// <param name="body">The summary or histogram.</param>
    public bool TryBody(ReadOnlySpan<byte> family, in TimestampSuffix suffix, out ReadOnlySpan<byte> body)
    {
        // Hot path: allocation-free.
        body = default;
        int position = _form.HeadLength;
        if (position == 0 || !family.StartsWith(_bytes.AsSpan(0, position))
            || !FamilyShape.TryLength(family, ref position, out var length) || length != family.Length - position
            || !family[position..].StartsWith(Labels))
            return false;
        position += _form.LabelsLength;
        var isHistogram = _form.Kind == MetricReader.Histogram;
        if (isHistogram)
        {
            if (!suffix.Starts(family[position..]))
                return false;
            position += suffix.Length;
        }

        var tag = (byte)(((isHistogram ? 7 : 4) << 3) | WireCursor.Delimited);
        if (position >= family.Length || family[position++] != tag
            || !FamilyShape.TryLength(family, ref position, out length))
            return false;
        body = family.Slice(position, length);
        var rest = family.Length - position - length;
        return isHistogram ? rest == 0 : rest == suffix.Length && (rest == 0 || suffix.Ends(family));
    }
}
