namespace SelfHeal.Core.Diagnosis;

/// <summary>The closed set of observations that evidence is made of.</summary>
public enum Signal
{
    /// <summary>Final 5xx responses of one version against its own baseline.</summary>
    VersionErrors,

    /// <summary>Final 5xx responses of every version of the service against their own baselines.</summary>
    AllVersionErrors,

    /// <summary>Final 5xx responses of one version against its siblings in the same window.</summary>
    VersionContrast,

    /// <summary>Connections that could not be made.</summary>
    ConnectFailures,

    /// <summary>Overflow of a connection pool or circuit breaker.</summary>
    PoolOverflow,

    /// <summary>Hosts ejected by Envoy's outlier detection.</summary>
    Ejections,

    /// <summary>Retries refused by the retry budget.</summary>
    RetryOverflow,

    /// <summary>Configuration that a proxy rejected.</summary>
    UpdateRejected,

    /// <summary>Failed TLS handshakes.</summary>
    HandshakeFailures,
}
