namespace SelfHeal.Core.Series;

/// <summary>
/// The closed set of Envoy stats that detection and diagnosis read, in Envoy's own words. The members of one scope are
/// contiguous, so that a scope's values fit a dense array (<see cref="StatCatalog"/>).
/// </summary>
public enum Stat : byte
{
    /// <summary>Not a stat that anything here reads.</summary>
    None = 0,

    /// <summary><c>cluster.X.upstream_rq_completed</c>, counter.</summary>
    UpstreamRqCompleted = 1,

    /// <summary><c>cluster.X.upstream_rq_5xx</c>, counter: what was finally sent on, retries hidden.</summary>
    UpstreamRq5xx = 2,

    /// <summary><c>cluster.X.upstream_rq_4xx</c>, counter.</summary>
    UpstreamRq4xx = 3,

    /// <summary><c>cluster.X.upstream_rq_total</c>, counter.</summary>
    UpstreamRqTotal = 4,

    /// <summary><c>cluster.X.upstream_rq_retry</c>, counter.</summary>
    UpstreamRqRetry = 5,

    /// <summary><c>cluster.X.upstream_rq_retry_success</c>, counter.</summary>
    UpstreamRqRetrySuccess = 6,

    /// <summary><c>cluster.X.upstream_rq_retry_overflow</c>, counter.</summary>
    UpstreamRqRetryOverflow = 7,

    /// <summary><c>cluster.X.retry.upstream_rq_5xx</c>, counter: failures that a retry hid.</summary>
    RetryUpstreamRq5xx = 8,

    /// <summary><c>cluster.X.upstream_rq_pending_overflow</c>, counter.</summary>
    UpstreamRqPendingOverflow = 9,

    /// <summary><c>cluster.X.upstream_rq_active_overflow</c>, counter.</summary>
    UpstreamRqActiveOverflow = 10,

    /// <summary><c>cluster.X.upstream_rq_rx_reset</c>, counter.</summary>
    UpstreamRqRxReset = 11,

    /// <summary><c>cluster.X.upstream_rq_timeout</c>, counter.</summary>
    UpstreamRqTimeout = 12,

    /// <summary><c>cluster.X.upstream_cx_total</c>, counter.</summary>
    UpstreamCxTotal = 13,

    /// <summary><c>cluster.X.upstream_cx_connect_fail</c>, counter.</summary>
    UpstreamCxConnectFail = 14,

    /// <summary><c>cluster.X.upstream_cx_connect_timeout</c>, counter.</summary>
    UpstreamCxConnectTimeout = 15,

    /// <summary><c>cluster.X.upstream_cx_overflow</c>, counter.</summary>
    UpstreamCxOverflow = 16,

    /// <summary><c>cluster.X.upstream_cx_pool_overflow</c>, counter.</summary>
    UpstreamCxPoolOverflow = 17,

    /// <summary><c>cluster.X.ssl.handshake</c>, counter.</summary>
    ClusterSslHandshake = 18,

    /// <summary><c>cluster.X.ssl.connection_error</c>, counter.</summary>
    ClusterSslConnectionError = 19,

    /// <summary><c>cluster.X.ssl.fail_verify_*</c>, counters, summed.</summary>
    ClusterSslFailVerify = 20,

    /// <summary><c>cluster.X.update_rejected</c>, counter: a rejected EDS update.</summary>
    ClusterUpdateRejected = 21,

    /// <summary><c>cluster.X.upstream_cx_active</c>, gauge, summed over proxies.</summary>
    UpstreamCxActive = 22,

    /// <summary><c>cluster.X.outlier_detection.ejections_active</c>, gauge, the largest over proxies.</summary>
    OutlierEjectionsActive = 23,

    /// <summary><c>cluster.X.membership_total</c>, gauge, the largest over proxies.</summary>
    MembershipTotal = 24,

    /// <summary><c>cluster.X.membership_healthy</c>, gauge, the smallest over proxies.</summary>
    MembershipHealthy = 25,

    /// <summary><c>listener.L.ssl.handshake</c>, counter.</summary>
    ListenerSslHandshake = 26,

    /// <summary><c>listener.L.ssl.connection_error</c>, counter.</summary>
    ListenerSslConnectionError = 27,

    /// <summary><c>listener.L.ssl.fail_verify_*</c>, counters, summed.</summary>
    ListenerSslFailVerify = 28,

    /// <summary><c>http.P.downstream_rq_completed</c>, counter.</summary>
    DownstreamRqCompleted = 29,

    /// <summary><c>http.P.downstream_rq_5xx</c>, counter.</summary>
    DownstreamRq5xx = 30,

    /// <summary><c>http.P.downstream_rq_4xx</c>, counter.</summary>
    DownstreamRq4xx = 31,

    /// <summary><c>http.P.no_route</c>, counter.</summary>
    NoRoute = 32,

    /// <summary><c>http.P.rds.R.update_rejected</c>, counter, summed over connection managers.</summary>
    RdsUpdateRejected = 33,

    /// <summary><c>listener_manager.lds.update_rejected</c>, counter.</summary>
    LdsUpdateRejected = 34,

    /// <summary><c>listener_manager.listener_create_failure</c>, counter.</summary>
    ListenerCreateFailure = 35,

    /// <summary><c>cluster_manager.cds.update_rejected</c>, counter.</summary>
    CdsUpdateRejected = 36,

    /// <summary><c>control_plane.connected_state</c>, gauge, 0 or 1, the smallest over proxies.</summary>
    ConnectedState = 37,

    /// <summary><c>server.uptime</c>, gauge, seconds, the smallest over proxies.</summary>
    Uptime = 38,

    /// <summary><c>server.live</c>, gauge, 0 or 1, the smallest over proxies.</summary>
    Live = 39,

    /// <summary><c>server.days_until_first_cert_expiring</c>, gauge, the smallest over proxies.</summary>
    DaysUntilFirstCertExpiring = 40,
}
