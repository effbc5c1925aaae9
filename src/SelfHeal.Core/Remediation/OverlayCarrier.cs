namespace SelfHeal.Core.Remediation;

/// <summary>
/// What carries a change to Envoy, by rising blast radius: weights and health of endpoints and weights of routes touch
/// nothing that runs, a change of a cluster builds and warms it anew.
/// </summary>
public enum OverlayCarrier
{
    /// <summary>Endpoints: weights, health, localities.</summary>
    Eds,

    /// <summary>Routes: weighted clusters and retries.</summary>
    Rds,

    /// <summary>Runtime keys: circuit breakers without a new cluster.</summary>
    Rtds,

    /// <summary>Clusters: outlier detection and circuit breakers.</summary>
    Cds,
}
