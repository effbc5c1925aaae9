using System.Text;
using SelfHeal.Core.Series;

namespace SelfHeal.Xds.Stats;

/// <summary>What a series measures, by its name and labels; asked once per series.</summary>
internal static class SeriesClass
{
    /// <summary>The entry of a series; null where nothing reads it.</summary>
    public static SeriesEntry? Of(ReadOnlySpan<byte> name, ReadOnlySpan<byte> labels, byte kind)
    {
        if (LabelledName.IsOfWorker(labels))
            return null;
        var fullName = labels.IsEmpty ? name : LabelledName.Restore(name, labels);
        if (!StatName.TryParse(fullName, out var parsed) || KindOf(parsed.Stat) != kind)
            return null;
        var scopeName = Encoding.UTF8.GetString(fullName.Slice(parsed.NameStart, parsed.NameLength));
        var key = new SeriesKey(parsed.Scope, scopeName, parsed.Stat);
        return new SeriesEntry(LabelledName.Identity(name, labels), key, parsed.Ambiguous);
    }

    /// <summary>An entry for a series that nothing reads; null where it has no value to carry.</summary>
    public static SeriesEntry? Unread(ReadOnlySpan<byte> name, ReadOnlySpan<byte> labels, byte kind)
    {
        if (kind is not (MetricReader.Counter or MetricReader.Gauge or MetricReader.Histogram))
            return null;
        var identity = LabelledName.Identity(name, labels);
        return new SeriesEntry(identity, new SeriesKey(StatScope.None, identity, Stat.None), Ambiguous: false);
    }

    private static byte KindOf(Stat stat) => StatCatalog.IsGauge(stat) ? MetricReader.Gauge
        : StatCatalog.IsHistogram(stat) ? MetricReader.Histogram
        : MetricReader.Counter;
}
