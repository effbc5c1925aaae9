namespace SelfHeal.Core.Detection;

/// <summary>Above which bucket edge of a histogram a response counts as slow.</summary>
public enum LatencyEdge
{
    /// <summary>The pair is not about a histogram.</summary>
    None = 0,

    /// <summary>The first edge at or above the declared objective.</summary>
    Objective = 1,

    /// <summary>The first edge above the 99th percentile of the series' own history.</summary>
    Baseline = 2,
}
