namespace SelfHeal.Sidecar.Upstream;

/// <summary>What a family of the Prometheus text format is declared to be.</summary>
internal enum PrometheusType
{
    /// <summary>Not declared, or declared to be anything.</summary>
    Untyped,

    /// <summary>A number that only grows while its process lives.</summary>
    Counter,

    /// <summary>A number that goes up and down.</summary>
    Gauge,

    /// <summary>Counts in buckets, with their sum and count.</summary>
    Histogram,

    /// <summary>Quantiles, with their sum and count.</summary>
    Summary,
}
