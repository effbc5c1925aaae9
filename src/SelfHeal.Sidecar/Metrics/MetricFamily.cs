using System.Collections.Concurrent;
using System.Globalization;
using Tag = System.Collections.Generic.KeyValuePair<string, object?>;

namespace SelfHeal.Sidecar.Metrics;

/// <summary>All series of one metric.</summary>
internal sealed class MetricFamily
{
    /// <summary>The label of the series that takes what is past the limit, as OpenTelemetry names it.</summary>
    public const string OverflowTag = "otel.metric.overflow";

    private readonly ConcurrentDictionary<TagSet, MetricSeries> _byTags = new(TagSetComparer.Instance);
    private readonly ConcurrentDictionary<TagSet, MetricSeries>.AlternateLookup<ReadOnlySpan<Tag>> _lookup;
    private readonly ConcurrentDictionary<string, MetricSeries> _byLabels = new(StringComparer.Ordinal);
    private readonly MetricSeries _overflow;
    private readonly double[] _bounds;
    private readonly int _seriesMax;
    private long _overflowed;

    /// <summary>Makes a metric without series.</summary>
    /// <param name="name">Its Prometheus name.</param>
    /// <param name="help">Its description.</param>
    /// <param name="kind">Its kind.</param>
    /// <param name="bounds">Upper bounds of the buckets of a histogram, rising; empty otherwise.</param>
    /// <param name="seriesMax">How many series it may have, the one for overflow not counted.</param>
    public MetricFamily(string name, string help, MetricKind kind, double[] bounds, int seriesMax)
    {
        Name = name;
        Help = help;
        Kind = kind;
        _bounds = bounds;
        _seriesMax = seriesMax;
        _lookup = _byTags.GetAlternateLookup<ReadOnlySpan<Tag>>();
        _overflow = new MetricSeries(FormatTags([new Tag(OverflowTag, true)]), bounds);
    }

    /// <summary>The Prometheus name.</summary>
    public string Name { get; }

    /// <summary>The description.</summary>
    public string Help { get; }

    /// <summary>The kind.</summary>
    public MetricKind Kind { get; }

    /// <summary>Measurements that came for a series past the limit.</summary>
    public long Overflowed => Interlocked.Read(ref _overflowed);

    /// <summary>The series of a measurement; the overflow series when it would be one too many.</summary>
    /// <param name="tags">The measurement's tags.</param>
    public MetricSeries Find(ReadOnlySpan<Tag> tags)
    {
        // Hot path: allocation-free, once the series exists.
        if (_lookup.TryGetValue(tags, out var series))
            return series;
        // Counting lookups, not series, also bounds what tags in ever new orders can take. Two threads may both pass
        // here at the limit; it is then exceeded by the number of threads, which bounds memory just as well.
        if (_byTags.Count < _seriesMax)
        {
            series = _byLabels.GetOrAdd(
                FormatTags(tags), static (labels, bounds) => new MetricSeries(labels, bounds), _bounds);
            _lookup.TryAdd(tags, series);
            return series;
        }

        Interlocked.Increment(ref _overflowed);
        return _overflow;
    }

    /// <summary>Writes the metric; nothing when it has no series.</summary>
    /// <param name="writer">Where to.</param>
    /// <param name="collection">The number of this collection: older observations are left out.</param>
    public void Write(PrometheusTextWriter writer, long collection)
    {
        var series = _byLabels.Values
            .Where(candidate => candidate.ObservedIn == 0 || candidate.ObservedIn == collection)
            .OrderBy(candidate => candidate.Labels, StringComparer.Ordinal)
            .ToList();
        if (Overflowed > 0)
            series.Add(_overflow);
        if (series.Count == 0)
            return;
        writer.WriteHeader(Name, Kind, Help);
        foreach (var one in series)
        {
            if (Kind == MetricKind.Histogram)
                WriteHistogram(writer, one);
            else
                writer.WriteSample(Name, "", one.Labels, "", one.Value);
        }
    }

    private void WriteHistogram(PrometheusTextWriter writer, MetricSeries series)
    {
        var counts = new long[_bounds.Length + 1];
        var sum = series.ReadBuckets(counts);
        long cumulative = 0;
        for (var bucket = 0; bucket < counts.Length; bucket++)
        {
            cumulative += counts[bucket];
            var bound = bucket < _bounds.Length ? _bounds[bucket] : double.PositiveInfinity;
            var le = $"le=\"{PrometheusTextWriter.FormatNumber(bound)}\"";
            writer.WriteSample(Name, "_bucket", series.Labels, le, cumulative);
        }

        writer.WriteSample(Name, "_sum", series.Labels, "", sum);
        writer.WriteSample(Name, "_count", series.Labels, "", cumulative);
    }

    private static string FormatTags(ReadOnlySpan<Tag> tags)
    {
        // Two tags may become one label name; Prometheus would refuse the whole scrape for it, so the first one stays.
        var labels = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var (name, value) in tags)
            labels.TryAdd(PrometheusName.OfLabel(name), FormatValue(value));
        return PrometheusTextWriter.FormatLabels(labels);
    }

    private static string FormatValue(object? value) => value switch
    {
        null => "",
        string text => text,
        bool flag => flag ? "true" : "false",
        IFormattable number => number.ToString(null, CultureInfo.InvariantCulture),
        _ => value.ToString() ?? "",
    };
}
