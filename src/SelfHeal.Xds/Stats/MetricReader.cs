namespace SelfHeal.Xds.Stats;

/// <summary>One <c>io.prometheus.client.Metric</c>, read without looking into what nothing reads.</summary>
internal ref struct MetricReader
{
    /// <summary>The kinds of value, as part of a series' identity.</summary>
    public const byte Counter = 0;

    public const byte Gauge = 1;

    public const byte Summary = 2;

    public const byte Untyped = 3;

    public const byte Histogram = 4;

    public const byte Valueless = 5;

    public byte Kind { get; private set; }

    public double Value { get; private set; }

    public long TimestampMillis { get; private set; }

    public bool HasLabels { get; private set; }

    /// <summary>Where the content of a summary, untyped value or histogram begins.</summary>
    public int BodyStart { get; private set; }

    public int BodyLength { get; private set; }

    /// <summary>Reads the metric; an error's offset is relative to its first byte.</summary>
    public bool TryRead(ReadOnlySpan<byte> bytes, out MetricsStreamErrorCode error, out int offset)
    {
        // Hot path: allocation-free.
        Kind = Valueless;
        var cursor = new WireCursor(bytes);
        while (cursor.TryTag(out var field, out var wireType))
        {
            switch (field)
            {
                case 1:
                    HasLabels = true;
                    if (cursor.Expect(wireType, WireCursor.Delimited))
                        cursor.TryContent(out _);
                    break;
                case 2 or 3:
                    ReadValue(ref cursor, wireType, field == 3 ? Counter : Gauge);
                    break;
                case 4 or 5 or 7:
                    Kind = field == 4 ? Summary : field == 5 ? Untyped : Histogram;
                    if (cursor.Expect(wireType, WireCursor.Delimited) && cursor.TryContent(out var body))
                        (BodyStart, BodyLength) = (cursor.Position - body.Length, body.Length);
                    break;
                case 6:
                    if (cursor.Expect(wireType, WireCursor.Varint) && cursor.TryVarint(out var timestamp))
                        TimestampMillis = (long)timestamp;
                    break;
                default:
                    cursor.TrySkip(wireType);
                    break;
            }
        }

        error = cursor.Error;
        offset = cursor.ErrorOffset;
        return error == MetricsStreamErrorCode.None;
    }

    private void ReadValue(ref WireCursor cursor, int wireType, byte kind)
    {
        Kind = kind;
        if (!cursor.Expect(wireType, WireCursor.Delimited) || !cursor.TryContent(out var content))
            return;
        var start = cursor.Position - content.Length;
        var inner = new WireCursor(content);
        while (inner.TryTag(out var field, out var innerType))
        {
            if (field != 1)
                inner.TrySkip(innerType);
            else if (inner.Expect(innerType, WireCursor.Fixed64) && inner.TryDouble(out var value))
                Value = value;
        }

        if (inner.Error != MetricsStreamErrorCode.None)
            cursor.Fail(inner.Error, start + inner.ErrorOffset);
    }
}
