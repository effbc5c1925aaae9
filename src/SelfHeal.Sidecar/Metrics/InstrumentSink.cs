using Tag = System.Collections.Generic.KeyValuePair<string, object?>;

namespace SelfHeal.Sidecar.Metrics;

/// <summary>Takes the measurements of one instrument.</summary>
/// <param name="family">The metric that they go to.</param>
/// <param name="aggregation">How they add up.</param>
/// <param name="registry">Knows the number of the running collection.</param>
internal sealed class InstrumentSink(MetricFamily family, InstrumentAggregation aggregation, MetricsRegistry registry)
{
    /// <summary>Takes one measurement.</summary>
    /// <param name="value">The value.</param>
    /// <param name="tags">Its tags.</param>
    public void Record(double value, ReadOnlySpan<Tag> tags)
    {
        // Hot path: allocation-free, once the series exists.
        var series = family.Find(tags);
        switch (aggregation)
        {
            case InstrumentAggregation.Sum:
                series.Add(value);
                break;
            case InstrumentAggregation.Last:
                series.Set(value, collection: 0);
                break;
            case InstrumentAggregation.Observed:
                series.Set(value, registry.Collection);
                break;
            case InstrumentAggregation.Buckets:
                series.Count(value);
                break;
            default:
                throw new InvalidOperationException($"{family.Name} has an unknown aggregation");
        }
    }
}
