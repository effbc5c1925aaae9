namespace SelfHeal.Core.Remediation;

/// <summary>Which requests a circuit breaker counts: routes say which priority their requests have.</summary>
public enum BreakerPriority
{
    /// <summary>Those of the default priority.</summary>
    Default,

    /// <summary>Those of high priority.</summary>
    High,
}
