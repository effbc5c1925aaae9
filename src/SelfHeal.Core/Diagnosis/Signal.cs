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

    /// <summary>Responses slower than the objective, or than what is normal.</summary>
    SlowResponses,

    /// <summary>Requests that the upstream reset.</summary>
    Resets,

    /// <summary>gRPC calls with a status other than OK.</summary>
    GrpcFailures,

    /// <summary>Requests that were retried.</summary>
    RetriedErrors,

    /// <summary>Responses 401, 403 and 429.</summary>
    Denials,

    /// <summary>Completions that should have come and did not.</summary>
    Collapse,

    /// <summary>Requests for which the gateway had no route.</summary>
    NoRoute,

    /// <summary>Failed TLS handshakes of clients.</summary>
    DownstreamHandshakes,

    /// <summary>Connections or requests that a listener's limit or the overload manager refused.</summary>
    GatewayOverload,

    /// <summary>A certificate whose days are over.</summary>
    CertificateExpired,

    /// <summary>A cluster or listener that has been warming for the longest window.</summary>
    WarmingTooLong,

    /// <summary>A proxy without a control plane.</summary>
    ControlPlaneLost,

    /// <summary>A proxy that was started anew.</summary>
    ProxyRestarted,

    /// <summary>Requests or connections in progress far from their recent median.</summary>
    Congestion,

    /// <summary>A proxy that does not hold, or rejects, what is intended for it.</summary>
    ConfigurationDrift,

    /// <summary>Configuration of the upstream that any of its proxies rejected.</summary>
    UpstreamRejections,

    /// <summary>Configuration that the upstream could not compute or push.</summary>
    UpstreamPushFailures,
}
