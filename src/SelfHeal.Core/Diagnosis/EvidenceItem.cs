using SelfHeal.Core.Detection;

namespace SelfHeal.Core.Diagnosis;

/// <summary>
/// One measured fact, with everything needed to recompute its verdict by hand. Ratios are parts per million, statistics
/// micro-nats.
/// </summary>
public sealed record EvidenceItem
{
    /// <summary>What was observed.</summary>
    public required Signal Signal { get; init; }

    /// <summary>The dependence group that it counts in.</summary>
    public required EvidenceGroup Group { get; init; }

    /// <summary>The metric of Envoy, or of the upstream, as an operator would look it up.</summary>
    public required string Metric { get; init; }

    /// <summary>The cluster, version or service that it is about.</summary>
    public required string Scope { get; init; }

    /// <summary>Breach, measured clear, or no evidence.</summary>
    public required Verdict Verdict { get; init; }

    /// <summary>Length of the window in blocks (flushes); 0 for a gauge or a bit.</summary>
    public int WindowBlocks { get; init; }

    /// <summary>Length of the window in milliseconds.</summary>
    public long WindowMillis { get; init; }

    /// <summary>Trials n in the window.</summary>
    public long Trials { get; init; }

    /// <summary>Events e in the window.</summary>
    public long Events { get; init; }

    /// <summary>Expected events m, in millionths of an event.</summary>
    public long ExpectedMicros { get; init; }

    /// <summary>The baseline ratio p0, or the siblings' ratio, in parts per million.</summary>
    public long BaselinePpm { get; init; }

    /// <summary>Where the baseline comes from: <c>declared default</c>, <c>siblings</c>, ….</summary>
    public string BaselineSource { get; init; } = "";

    /// <summary>Trials of the history behind the baseline; 0 where it is not history.</summary>
    public long BaselineTrials { get; init; }

    /// <summary>Events of that history.</summary>
    public long BaselineEvents { get; init; }

    /// <summary>Trials of the siblings (contrast only).</summary>
    public long SiblingTrials { get; init; }

    /// <summary>Events of the siblings (contrast only).</summary>
    public long SiblingEvents { get; init; }

    /// <summary>The shape k, in millionths.</summary>
    public long ShapeMicros { get; init; }

    /// <summary>The statistic F or G.</summary>
    public long StatisticMicroNats { get; init; }

    /// <summary>The bar that it was held against.</summary>
    public long ThresholdMicroNats { get; init; }

    /// <summary>Decibans of the contrast, as computed and clipped to ±12; 0 elsewhere.</summary>
    public int ContrastDecibans { get; init; }

    /// <summary>Age of the newest datum in milliseconds.</summary>
    public long AgeMillis { get; init; }
}
