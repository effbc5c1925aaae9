namespace SelfHeal.Core.Remediation;

/// <summary>
/// Limits of a circuit breaker. Null leaves a limit as it is; 0 lets nothing through; the most is what 32 bits hold.
/// </summary>
public sealed record BreakerSettings
{
    /// <summary>Connections at once.</summary>
    public uint? MaxConnections { get; init; }

    /// <summary>Requests that wait for a connection.</summary>
    public uint? MaxPendingRequests { get; init; }

    /// <summary>Requests at once.</summary>
    public uint? MaxRequests { get; init; }

    /// <summary>Retries at once; of no effect where the cluster has a retry budget.</summary>
    public uint? MaxRetries { get; init; }

    /// <summary>Connection pools at once.</summary>
    public uint? MaxConnectionPools { get; init; }
}
