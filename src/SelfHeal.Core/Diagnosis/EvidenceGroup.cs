namespace SelfHeal.Core.Diagnosis;

/// <summary>
/// Dependence groups: items of one group tell largely the same story, so their decibans are clipped together.
/// </summary>
public enum EvidenceGroup
{
    /// <summary>Views of final failures: 5xx, connect failures, ejections.</summary>
    Errors,

    /// <summary>One member against its siblings.</summary>
    Contrast,

    /// <summary>Pools, breakers and retry budgets.</summary>
    Pools,

    /// <summary>Deterministic configuration bits and certificates.</summary>
    Configuration,
}
