using System.Collections.Immutable;
using SelfHeal.Core.Detection;
using SelfHeal.Core.Series;

namespace SelfHeal.Core.Recording;

/// <summary>What was stored about an hour of the week, as bytes: thousands of rows, once an hour.</summary>
internal static class BaselineCodec
{
    // What one step may cost a reader; the pairs of 10,000 scopes are below it.
    private const int RowsMax = 1_000_000;
    private const int NumbersMax = 1_000;

    /// <summary>Writes an hour.</summary>
    public static void Write(RecordingBuffer buffer, BaselineHour hour)
    {
        buffer.Varint((ulong)hour.Hour);
        buffer.Varint((ulong)hour.Rows.Length);
        foreach (var row in hour.Rows)
        {
            buffer.Byte((byte)row.Scope);
            buffer.Text(row.Name);
            buffer.Text(row.Pair);
            buffer.Fraction(row.HourEvents);
            buffer.Fraction(row.HourTotal);
            buffer.Fraction(row.AllEvents);
            buffer.Fraction(row.AllTotal);
            Write(buffer, row.Shapes);
            Write(buffer, row.Buckets);
        }
    }

    /// <summary>Reads an hour.</summary>
    public static BaselineHour Read(ref RecordingCursor cursor)
    {
        var hour = cursor.Count(167, "as the hour of a week");
        var count = cursor.Count(RowsMax, "rows");
        var rows = ImmutableArray.CreateBuilder<BaselineRow>();
        for (var i = 0; i < count && !cursor.IsBroken; i++)
        {
            var scope = (StatScope)cursor.Byte();
            if (!Enum.IsDefined(scope))
                cursor.Fail("a scope that this version knows");
            rows.Add(new BaselineRow(
                scope,
                cursor.Text(),
                cursor.Text(),
                cursor.Fraction(),
                cursor.Fraction(),
                cursor.Fraction(),
                cursor.Fraction(),
                ReadNumbers(ref cursor))
            {
                Buckets = ReadNumbers(ref cursor),
            });
        }

        return new BaselineHour(hour, rows.ToImmutable());
    }

    private static void Write(RecordingBuffer buffer, ImmutableArray<double> numbers)
    {
        buffer.Varint((ulong)numbers.Length);
        foreach (var number in numbers)
            buffer.Fraction(number);
    }

    private static ImmutableArray<double> ReadNumbers(ref RecordingCursor cursor)
    {
        var count = cursor.Count(NumbersMax, "numbers");
        var numbers = ImmutableArray.CreateBuilder<double>();
        for (var i = 0; i < count && !cursor.IsBroken; i++)
            numbers.Add(cursor.Fraction());
        return numbers.ToImmutable();
    }
}
