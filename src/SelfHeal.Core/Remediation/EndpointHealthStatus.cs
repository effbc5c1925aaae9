namespace SelfHeal.Core.Remediation;

/// <summary>What the configuration says of an endpoint's health, as Envoy's API names it.</summary>
public enum EndpointHealthStatus
{
    /// <summary>Nothing is said; Envoy takes it for healthy until a check of its own says otherwise.</summary>
    Unknown,

    /// <summary>Takes traffic.</summary>
    Healthy,

    /// <summary>Takes none.</summary>
    Unhealthy,

    /// <summary>Takes no new traffic while what it has comes to its end.</summary>
    Draining,

    /// <summary>Takes none: it did not answer its checks.</summary>
    Timeout,

    /// <summary>Takes traffic only when too few others are healthy.</summary>
    Degraded,
}
