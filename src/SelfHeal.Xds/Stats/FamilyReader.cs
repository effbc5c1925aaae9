using SelfHeal.Core.Series;

namespace SelfHeal.Xds.Stats;

/// <summary>Reads one complete <c>io.prometheus.client.MetricFamily</c> into a batch.</summary>
internal sealed class FamilyReader(MetricsStreamOptions options)
{
    private byte[] _key = new byte[512];

    public SeriesTable Table { get; } = new(options);

    /// <summary>The newest timestamp read; 0 while none was.</summary>
    public long TimestampMillis { get; set; }

    public MetricsStreamErrorCode Error { get; private set; }

    /// <summary>Where in the family the error is.</summary>
    public int ErrorOffset { get; private set; }

    /// <summary>Reads a family; false leaves <see cref="Error"/>.</summary>
    public bool TryRead(ReadOnlySpan<byte> family, FlushBatch batch)
    {
        // Hot path: allocation-free unless a series is new.
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
        return metrics == 1 ? TryMetric(name, metric, metricStart, batch) : TryMetrics(family, name, batch);
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
            if (!TryMetric(name, metric, cursor.Position - metric.Length, batch))
                return false;
        }

        return true;
    }

    private bool TryMetric(ReadOnlySpan<byte> name, ReadOnlySpan<byte> bytes, int start, FlushBatch batch)
    {
        var metric = default(MetricReader);
        if (!metric.TryRead(bytes, out var error, out var offset))
            return Fail(error, start + offset);
        if (metric.TimestampMillis != 0)
            TimestampMillis = metric.TimestampMillis;
        var key = name;
        if (metric.HasLabels && !TryKey(name, bytes, start, out key))
            return false;
        var place = Table.Find(key, metric.Kind, name.Length);
        if (place == SeriesTable.Overflowed)
        {
            batch.Overflow();
            return true;
        }

        var index = Table.IndexOf(place);
        if (index < 0)
            batch.Skip();
        else if (Math.Abs(metric.Value) <= 9e18)
            batch.Add(index, (long)metric.Value);
        else
            batch.Unusable();
        return true;
    }

    /// <summary>The name and the labels as one key, in the scratch buffer.</summary>
    private bool TryKey(ReadOnlySpan<byte> name, ReadOnlySpan<byte> metric, int start, out ReadOnlySpan<byte> key)
    {
        // Every label's name and value adds itself and one separator, and the wire spends at least two bytes on it.
        if (_key.Length < name.Length + metric.Length + 1)
            _key = new byte[Math.Max(_key.Length * 2, name.Length + metric.Length + 1)];
        var length = 0;
        Put(name, ref length);
        key = default;
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
            Put(labelName, ref length);
            Put(labelValue, ref length);
        }

        key = _key.AsSpan(0, length);
        return true;
    }

    private void Put(ReadOnlySpan<byte> part, ref int length)
    {
        part.CopyTo(_key.AsSpan(length));
        length += part.Length;
        _key[length++] = LabelledName.Separator;
    }

    private bool Fail(MetricsStreamErrorCode error, int offset)
    {
        Error = error;
        ErrorOffset = offset;
        return false;
    }
}
