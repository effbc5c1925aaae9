namespace SelfHeal.Core.AccessLogs;

/// <summary>
/// Why Envoy answered as it did: every flag of <c>envoy.data.accesslog.v3.ResponseFlags</c>, named and numbered as
/// there. <see cref="ResponseFlagCodes"/> has the codes that access logs print.
/// </summary>
public enum ResponseFlag
{
    /// <summary>LH: the local service failed its health check.</summary>
    FailedLocalHealthCheck = 1,

    /// <summary>UH: no healthy upstream host.</summary>
    NoHealthyUpstream = 2,

    /// <summary>UT: the upstream request timed out.</summary>
    UpstreamRequestTimeout = 3,

    /// <summary>LR: Envoy reset the stream.</summary>
    LocalReset = 4,

    /// <summary>UR: the upstream reset the stream.</summary>
    UpstreamRemoteReset = 5,

    /// <summary>UF: no connection to the upstream.</summary>
    UpstreamConnectionFailure = 6,

    /// <summary>UC: the upstream ended the connection.</summary>
    UpstreamConnectionTermination = 7,

    /// <summary>UO: a circuit breaker was open.</summary>
    UpstreamOverflow = 8,

    /// <summary>NR: no route for the request.</summary>
    NoRouteFound = 9,

    /// <summary>DI: a delay was injected.</summary>
    DelayInjected = 10,

    /// <summary>FI: a fault was injected.</summary>
    FaultInjected = 11,

    /// <summary>RL: rate limited.</summary>
    RateLimited = 12,

    /// <summary>UAEX: refused by the authorization service.</summary>
    UnauthorizedExternalService = 13,

    /// <summary>RLSE: the rate limit service failed.</summary>
    RateLimitServiceError = 14,

    /// <summary>DC: the downstream ended the connection.</summary>
    DownstreamConnectionTermination = 15,

    /// <summary>URX: the limit of retries or of connection attempts was reached.</summary>
    UpstreamRetryLimitExceeded = 16,

    /// <summary>SI: the stream was idle for too long.</summary>
    StreamIdleTimeout = 17,

    /// <summary>IH: headers that Envoy reserves were wrong.</summary>
    InvalidEnvoyRequestHeaders = 18,

    /// <summary>DPE: the downstream broke the protocol.</summary>
    DownstreamProtocolError = 19,

    /// <summary>UMSDR: the upstream stream lasted too long.</summary>
    UpstreamMaxStreamDurationReached = 20,

    /// <summary>RFCF: the answer came from the cache.</summary>
    ResponseFromCacheFilter = 21,

    /// <summary>NFCF: a filter's configuration did not come in time.</summary>
    NoFilterConfigFound = 22,

    /// <summary>DT: the request or connection lasted too long.</summary>
    DurationTimeout = 23,

    /// <summary>UPE: the upstream broke the protocol.</summary>
    UpstreamProtocolError = 24,

    /// <summary>NC: the route's cluster is not there.</summary>
    NoClusterFound = 25,

    /// <summary>OM: the overload manager ended it.</summary>
    OverloadManager = 26,

    /// <summary>DF: a name could not be resolved.</summary>
    DnsResolutionFailure = 27,

    /// <summary>DR: the downstream reset the stream.</summary>
    DownstreamRemoteReset = 28,
}
