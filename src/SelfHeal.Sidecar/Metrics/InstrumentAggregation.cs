namespace SelfHeal.Sidecar.Metrics;

/// <summary>How the measurements of an instrument add up.</summary>
internal enum InstrumentAggregation
{
    /// <summary>Each one is a difference.</summary>
    Sum,

    /// <summary>Each one is the value.</summary>
    Last,

    /// <summary>Each one is the value, asked for at collection.</summary>
    Observed,

    /// <summary>Each one is counted into a bucket.</summary>
    Buckets,
}
