using SelfHeal.Core.Series;

namespace SelfHeal.Xds.Stats;

/// <content>The general parser: any field order, any number of metrics, any encoding of lengths.</content>
internal sealed partial class FamilyReader
{
    private byte[] _labels = new byte[512];
    private byte[] _form = new byte[512];

    private bool TryReadAny(ReadOnlySpan<byte> family, FlushBatch batch)
    {
        var cursor = new WireCursor(family);
        ReadOnlySpan<byte> name = default;
        ReadOnlySpan<byte> metric = default;
        var metricStart = 0;
        var metrics = 0;
        while (cursor.TryTag(out var field, out var wireType))
        {
            if (field is 1 or 4)
            {
                if (!cursor.Expect(wireType, WireCursor.Delimited) || !cursor.TryContent(out var content))
                    break;
                if (field == 1)
                {
                    name = content;
                    continue;
                }

                metric = content;
                metricStart = cursor.Position - content.Length;
                metrics++;
            }
            else if (field == 3 ? cursor.Expect(wireType, WireCursor.Varint) : true)
            {
                cursor.TrySkip(wireType);
            }
        }

        if (cursor.Error != MetricsStreamErrorCode.None)
            return Fail(cursor.Error, cursor.ErrorOffset);

        // Envoy sends one metric per family; others may send many, and the name may follow them.
        return metrics == 1
            ? TryMetric(name, metric, metricStart, family, batch)
            : TryMetrics(family, name, batch);
    }

    private bool TryMetrics(ReadOnlySpan<byte> family, ReadOnlySpan<byte> name, FlushBatch batch)
    {
        var cursor = new WireCursor(family);
        while (cursor.TryTag(out var field, out var wireType))
        {
            if (field != 4)
            {
                cursor.TrySkip(wireType);
                continue;
            }

            cursor.TryContent(out var metric);
            if (!TryMetric(name, metric, cursor.Position - metric.Length, default, batch))
                return false;
        }

        return true;
    }

    /// <summary>Reads one metric; its family, if it has no other, may give the series its form.</summary>
    private bool TryMetric(
        ReadOnlySpan<byte> name, ReadOnlySpan<byte> bytes, int start, ReadOnlySpan<byte> family, FlushBatch batch)
    {
        var metric = default(MetricReader);
        if (!metric.TryRead(bytes, out var error, out var offset))
            return Fail(error, start + offset);
        if (metric.TimestampMillis != 0)
        {
            TimestampMillis = metric.TimestampMillis;
            if (_suffix.Millis != TimestampMillis)
                _suffix = default;
        }

        ReadOnlySpan<byte> labels = default;
        if (metric.HasLabels && !TryLabels(bytes, start, out labels))
            return false;
        var hash = SeriesHash.Of(name, labels, metric.Kind);
        var place = _table.Find(name, labels, metric.Kind, hash);
        if (place >= 0)
            _table.Follow(place);
        else
            place = Intern(name, labels, metric.Kind, hash, family);
        if (place == SeriesTable.Overflowed)
        {
            batch.Overflow();
            return true;
        }

        var index = _table.Slots[place].Index;
        if (index < 0)
            batch.Skip();
        else if (metric.Kind != MetricReader.Histogram)
            Add(index, metric.Value, batch);
        else
            return TryHistogram(index, metric, bytes, start, batch);
        return true;
    }

    private bool TryHistogram(
        int index, in MetricReader metric, ReadOnlySpan<byte> bytes, int start, FlushBatch batch)
    {
        Span<uint> counts = stackalloc uint[FlushBatch.HistogramBuckets];
        var body = bytes.Slice(metric.BodyStart, metric.BodyLength);
        if (!HistogramReader.TryRead(body, counts, out var error, out var offset))
            return Fail(error, start + metric.BodyStart + offset);
        batch.AddHistogram(index, counts);
        return true;
    }

    private int Intern(
        ReadOnlySpan<byte> name, ReadOnlySpan<byte> labels, byte kind, uint hash, ReadOnlySpan<byte> family)
    {
        if (name.Length + labels.Length > SeriesTable.NameLengthMax)
            return SeriesTable.Overflowed;
        var room = Math.Max(family.Length + SeriesForm.HeaderLengthMax, name.Length + labels.Length);
        if (_form.Length < room)
            _form = new byte[Math.Max(_form.Length * 2, room)];
        var isForm = FamilyShape.TryFind(family, out var shape) && shape.Kind == kind
            && labels.SequenceEqual(family.Slice(shape.LabelsStart, shape.LabelsLength));
        if (!isForm || !SeriesForm.TryFrom(family, shape, hash, _form, out var length, out var form))
            form = SeriesForm.OfKey(name, labels, kind, hash, _form, out length);
        return _table.Add(_form.AsSpan(0, length), form);
    }

    /// <summary>The labels as they would be written by Envoy, in the scratch buffer.</summary>
    private bool TryLabels(ReadOnlySpan<byte> metric, int start, out ReadOnlySpan<byte> labels)
    {
        // A label's three lengths need at most five bytes each, its tags three.
        var written = 0;
        labels = default;
        var cursor = new WireCursor(metric);
        while (cursor.TryTag(out var field, out var wireType))
        {
            if (field != 1)
            {
                cursor.TrySkip(wireType);
                continue;
            }

            cursor.TryContent(out var label);
            var labelStart = start + cursor.Position - label.Length;
            ReadOnlySpan<byte> labelName = default;
            ReadOnlySpan<byte> labelValue = default;
            var inner = new WireCursor(label);
            while (inner.TryTag(out var innerField, out var innerType))
            {
                if (innerField is not (1 or 2))
                    inner.TrySkip(innerType);
                else if (!inner.Expect(innerType, WireCursor.Delimited) || !inner.TryContent(out var text))
                    break;
                else if (innerField == 1)
                    labelName = text;
                else
                    labelValue = text;
            }

            if (inner.Error != MetricsStreamErrorCode.None)
                return Fail(inner.Error, labelStart + inner.ErrorOffset);
            PutLabel(labelName, labelValue, ref written);
        }

        labels = _labels.AsSpan(0, written);
        return true;
    }

    private void PutLabel(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value, ref int written)
    {
        var room = written + name.Length + value.Length + 18;
        if (_labels.Length < room)
            Array.Resize(ref _labels, Math.Max(_labels.Length * 2, room));
        var inner = 2 + LengthOf(name.Length) + name.Length + LengthOf(value.Length) + value.Length;
        _labels[written++] = (1 << 3) | WireCursor.Delimited;
        PutLength(inner, ref written);
        PutText(1, name, ref written);
        PutText(2, value, ref written);
    }

    private void PutText(int field, ReadOnlySpan<byte> text, ref int written)
    {
        _labels[written++] = (byte)((field << 3) | WireCursor.Delimited);
        PutLength(text.Length, ref written);
        text.CopyTo(_labels.AsSpan(written));
        written += text.Length;
    }

    private void PutLength(int length, ref int written)
    {
        for (; length >= 0x80; length >>= 7)
            _labels[written++] = (byte)(length | 0x80);
        _labels[written++] = (byte)length;
    }

    private static int LengthOf(int length) => length < 0x80 ? 1 : length < 0x4000 ? 2 : length < 0x20_0000 ? 3 : 4;

    private bool Fail(MetricsStreamErrorCode error, int offset)
    {
        Error = error;
        ErrorOffset = offset;
        return false;
    }
}
