using System.Buffers;
using System.Diagnostics.Metrics;

namespace SelfHeal.Sidecar.Metrics;

/// <summary>
/// Adds up what our own meters measure, for the scrape. It stands in for prometheus-net, which this project cannot
/// have; everything that measures uses System.Diagnostics.Metrics and does not know it.
/// </summary>
internal sealed class MetricsRegistry : IDisposable
{
    /// <summary>Only meters whose names start so are ours.</summary>
    public const string MeterPrefix = "SelfHeal.";

    // Counts of ours hang on proxies, services and types: hundreds of series at most. 2,000 per metric keep a scrape in
    // the single megabytes when a label turns out to be unbounded after all; what is past it goes to one series whose
    // label says so, and is counted in selfheal_metrics_overflow_total.
    private const int SeriesMax = 2_000;

    // The client libraries' usual buckets, in seconds; an instrument with other values brings its own as advice.
    private static readonly double[] DefaultBounds =
        [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

    private readonly SortedDictionary<string, MetricFamily> _families = new(StringComparer.Ordinal);
    private readonly Lock _lock = new();
    private readonly MeterListener _listener = new();
    private readonly object? _scope;
    private readonly int _seriesMax;
    private long _callbackErrors;
    private long _conflicts;

    /// <summary>Starts listening.</summary>
    /// <param name="meters">Meters made by another factory are ignored, so that two hosts in one process keep apart;
    /// meters made by no factory are everybody's. Null: every meter of ours.</param>
    /// <param name="seriesMax">How many series each metric may have.</param>
    public MetricsRegistry(IMeterFactory? meters, int seriesMax = SeriesMax)
    {
        _scope = meters;
        _seriesMax = seriesMax;
        _listener.InstrumentPublished = OnPublished;
        _listener.SetMeasurementEventCallback<byte>(static (_, value, tags, sink) => Record(sink, value, tags));
        _listener.SetMeasurementEventCallback<short>(static (_, value, tags, sink) => Record(sink, value, tags));
        _listener.SetMeasurementEventCallback<int>(static (_, value, tags, sink) => Record(sink, value, tags));
        _listener.SetMeasurementEventCallback<long>(static (_, value, tags, sink) => Record(sink, value, tags));
        _listener.SetMeasurementEventCallback<float>(static (_, value, tags, sink) => Record(sink, value, tags));
        _listener.SetMeasurementEventCallback<double>(static (_, value, tags, sink) => Record(sink, value, tags));
        _listener.SetMeasurementEventCallback<decimal>(
            static (_, value, tags, sink) => Record(sink, (double)value, tags));
        _listener.Start();
    }

    /// <summary>The number of the running or last collection, from 1.</summary>
    public long Collection { get; private set; }

    /// <summary>Writes every metric in the text format, sorted by name and then by labels.</summary>
    /// <param name="output">Where to.</param>
    public void Write(IBufferWriter<byte> output)
    {
        ArgumentNullException.ThrowIfNull(output);
        lock (_lock)
        {
            Collection++;
            try
            {
                _listener.RecordObservableInstruments();
            }
            catch (AggregateException exception)
            {
                // One broken callback must not blind the others; the listener has called them all.
                _callbackErrors += exception.InnerExceptions.Count;
            }

            var writer = new PrometheusTextWriter(output);
            foreach (var family in _families.Values)
                family.Write(writer, Collection);
            WriteOwn(writer);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _listener.Dispose();

    private static void Record(object? sink, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags) =>
        ((InstrumentSink?)sink)?.Record(value, tags);

    private void OnPublished(Instrument instrument, MeterListener listener)
    {
        var meter = instrument.Meter;
        var isOurs = meter.Name.StartsWith(MeterPrefix, StringComparison.Ordinal)
            && (_scope is null || meter.Scope is null || ReferenceEquals(meter.Scope, _scope));
        if (!isOurs || Classify(instrument) is not { } shape)
            return;
        lock (_lock)
        {
            var name = PrometheusName.OfMetric(instrument.Name, instrument.Unit, shape.Kind);
            if (!_families.TryGetValue(name, out var family))
            {
                var bounds = shape.Kind == MetricKind.Histogram ? Bounds(instrument) : [];
                family = new MetricFamily(name, instrument.Description ?? "", shape.Kind, bounds, _seriesMax);
                _families.Add(name, family);
            }

            if (family.Kind == shape.Kind)
                listener.EnableMeasurementEvents(instrument, new InstrumentSink(family, shape.Aggregation, this));
            else
                _conflicts++;
        }
    }

    private static (MetricKind Kind, InstrumentAggregation Aggregation)? Classify(Instrument instrument)
    {
        var type = instrument.GetType();
        var definition = type.IsGenericType ? type.GetGenericTypeDefinition() : type;
        if (definition == typeof(Counter<>))
            return (MetricKind.Counter, InstrumentAggregation.Sum);
        if (definition == typeof(UpDownCounter<>))
            return (MetricKind.Gauge, InstrumentAggregation.Sum);
        if (definition == typeof(Gauge<>))
            return (MetricKind.Gauge, InstrumentAggregation.Last);
        if (definition == typeof(Histogram<>))
            return (MetricKind.Histogram, InstrumentAggregation.Buckets);
        if (definition == typeof(ObservableCounter<>))
            return (MetricKind.Counter, InstrumentAggregation.Observed);
        if (definition == typeof(ObservableGauge<>) || definition == typeof(ObservableUpDownCounter<>))
            return (MetricKind.Gauge, InstrumentAggregation.Observed);
        return null;
    }

    private static double[] Bounds(Instrument instrument) => instrument switch
    {
        Histogram<double> { Advice.HistogramBucketBoundaries: { } bounds } => [.. bounds],
        Histogram<long> { Advice.HistogramBucketBoundaries: { } bounds } => [.. bounds.Select(bound => (double)bound)],
        Histogram<int> { Advice.HistogramBucketBoundaries: { } bounds } => [.. bounds.Select(bound => (double)bound)],
        _ => DefaultBounds,
    };

    private void WriteOwn(PrometheusTextWriter writer)
    {
        const string conflicts = "selfheal_metrics_conflicts_total";
        writer.WriteHeader(conflicts, MetricKind.Counter, "Instruments left out because their name was taken.");
        writer.WriteSample(conflicts, "", "", "", _conflicts);
        const string errors = "selfheal_metrics_callback_errors_total";
        writer.WriteHeader(errors, MetricKind.Counter, "Callbacks of observed instruments that threw.");
        writer.WriteSample(errors, "", "", "", _callbackErrors);
        const string overflow = "selfheal_metrics_overflow_total";
        writer.WriteHeader(overflow, MetricKind.Counter, "Measurements that came for a series past the limit.");
        foreach (var family in _families.Values)
        {
            if (family.Overflowed == 0)
                continue;
            var labels = PrometheusTextWriter.FormatLabels([new("metric", family.Name)]);
            writer.WriteSample(overflow, "", labels, "", family.Overflowed);
        }
    }
}
