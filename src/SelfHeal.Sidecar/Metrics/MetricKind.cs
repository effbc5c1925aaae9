namespace SelfHeal.Sidecar.Metrics;

/// <summary>The types of the Prometheus text format that we write.</summary>
internal enum MetricKind
{
    /// <summary>Only rises.</summary>
    Counter,

    /// <summary>Rises and falls.</summary>
    Gauge,

    /// <summary>Counts per bucket, with sum and count.</summary>
    Histogram,
}
