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

    /// <summary><c>cluster.X.upstream_rq_401</c> and <c>_403</c>, counters, summed: who may not.</summary>
    UpstreamRqUnauthorized = 4,

    /// <summary><c>cluster.X.upstream_rq_429</c>, counter: who asks too often.</summary>
    UpstreamRqRateLimited = 5,

    /// <summary><c>cluster.X.upstream_rq_total</c>, counter.</summary>
    UpstreamRqTotal = 6,

    /// <summary><c>cluster.X.upstream_rq_retry</c>, counter.</summary>
    UpstreamRqRetry = 7,

    /// <summary><c>cluster.X.upstream_rq_retry_success</c>, counter.</summary>
    UpstreamRqRetrySuccess = 8,

    /// <summary><c>cluster.X.upstream_rq_retry_overflow</c>, counter.</summary>
    UpstreamRqRetryOverflow = 9,

    /// <summary><c>cluster.X.retry.upstream_rq_5xx</c>, counter: failures that a retry hid.</summary>
    RetryUpstreamRq5xx = 10,

    /// <summary><c>cluster.X.upstream_rq_pending_overflow</c>, counter.</summary>
    UpstreamRqPendingOverflow = 11,

    /// <summary><c>cluster.X.upstream_rq_active_overflow</c>, counter.</summary>
    UpstreamRqActiveOverflow = 12,

    /// <summary><c>cluster.X.upstream_rq_rx_reset</c>, counter.</summary>
    UpstreamRqRxReset = 13,

    /// <summary><c>cluster.X.upstream_rq_timeout</c>, counter.</summary>
    UpstreamRqTimeout = 14,

    /// <summary><c>cluster.X.upstream_cx_total</c>, counter.</summary>
    UpstreamCxTotal = 15,

    /// <summary><c>cluster.X.upstream_cx_connect_fail</c>, counter.</summary>
    UpstreamCxConnectFail = 16,

    /// <summary><c>cluster.X.upstream_cx_connect_timeout</c>, counter.</summary>
    UpstreamCxConnectTimeout = 17,

    /// <summary><c>cluster.X.upstream_cx_destroy_remote_with_active_rq</c>, counter: the upstream hung up on a
    /// request.</summary>
    UpstreamCxDestroyRemoteWithActiveRq = 18,

    /// <summary><c>cluster.X.upstream_cx_overflow</c>, counter.</summary>
    UpstreamCxOverflow = 19,

    /// <summary><c>cluster.X.upstream_cx_pool_overflow</c>, counter.</summary>
    UpstreamCxPoolOverflow = 20,

    /// <summary><c>cluster.X.outlier_detection.ejections_enforced_total</c>, counter.</summary>
    OutlierEjectionsEnforced = 21,

    /// <summary><c>cluster.X.ssl.handshake</c>, counter.</summary>
    ClusterSslHandshake = 22,

    /// <summary><c>cluster.X.ssl.connection_error</c>, counter.</summary>
    ClusterSslConnectionError = 23,

    /// <summary><c>cluster.X.ssl.fail_verify_*</c>, counters, summed.</summary>
    ClusterSslFailVerify = 24,

    /// <summary><c>cluster.X.grpc.[S.M.]total</c>, counters, summed over methods; needs the <c>grpc_stats</c>
    /// filter.</summary>
    GrpcTotal = 25,

    /// <summary><c>cluster.X.grpc.[S.M.]failure</c>, counters, summed over methods.</summary>
    GrpcFailure = 26,

    /// <summary><c>cluster.X.update_rejected</c>, counter: a rejected EDS update.</summary>
    ClusterUpdateRejected = 27,

    /// <summary><c>cluster.X.upstream_cx_active</c>, gauge, summed over proxies.</summary>
    UpstreamCxActive = 28,

    /// <summary><c>cluster.X.upstream_rq_active</c>, gauge, summed over proxies.</summary>
    UpstreamRqActive = 29,

    /// <summary><c>cluster.X.upstream_rq_pending_active</c>, gauge, summed over proxies.</summary>
    UpstreamRqPendingActive = 30,

    /// <summary><c>cluster.X.outlier_detection.ejections_active</c>, gauge, the largest over proxies.</summary>
    OutlierEjectionsActive = 31,

    /// <summary><c>cluster.X.membership_total</c>, gauge, the largest over proxies.</summary>
    MembershipTotal = 32,

    /// <summary><c>cluster.X.membership_healthy</c>, gauge, the smallest over proxies.</summary>
    MembershipHealthy = 33,

    /// <summary><c>cluster.X.circuit_breakers.P.*_open</c>, gauges, 0 or 1, the largest over breakers, priorities and
    /// proxies.</summary>
    BreakerOpen = 34,

    /// <summary><c>cluster.X.upstream_rq_time</c>, histogram of the interval, milliseconds; its value is the number of
    /// responses.</summary>
    UpstreamRqTime = 35,

    /// <summary><c>listener.L.downstream_cx_total</c>, counter.</summary>
    ListenerCxTotal = 36,

    /// <summary><c>listener.L.downstream_cx_overflow</c>, counter: connections beyond the listener's limit.</summary>
    ListenerCxOverflow = 37,

    /// <summary><c>listener.L.downstream_cx_overload_reject</c>, counter: connections that the overload manager
    /// refused.</summary>
    ListenerCxOverloadReject = 38,

    /// <summary><c>listener.L.ssl.handshake</c>, counter.</summary>
    ListenerSslHandshake = 39,

    /// <summary><c>listener.L.ssl.connection_error</c>, counter.</summary>
    ListenerSslConnectionError = 40,

    /// <summary><c>listener.L.ssl.fail_verify_*</c>, counters, summed.</summary>
    ListenerSslFailVerify = 41,

    /// <summary><c>http.P.downstream_rq_total</c>, counter.</summary>
    DownstreamRqTotal = 42,

    /// <summary><c>http.P.downstream_rq_completed</c>, counter.</summary>
    DownstreamRqCompleted = 43,

    /// <summary><c>http.P.downstream_rq_5xx</c>, counter.</summary>
    DownstreamRq5xx = 44,

    /// <summary><c>http.P.downstream_rq_4xx</c>, counter.</summary>
    DownstreamRq4xx = 45,

    /// <summary><c>http.P.no_route</c>, counter.</summary>
    NoRoute = 46,

    /// <summary><c>http.P.downstream_rq_time</c>, histogram of the interval, milliseconds; its value is the number of
    /// responses.</summary>
    DownstreamRqTime = 47,

    /// <summary><c>http.P.rds.R.update_rejected</c>, counter, summed over connection managers.</summary>
    RdsUpdateRejected = 48,

    /// <summary><c>listener_manager.lds.update_rejected</c>, counter.</summary>
    LdsUpdateRejected = 49,

    /// <summary><c>listener_manager.listener_create_failure</c>, counter.</summary>
    ListenerCreateFailure = 50,

    /// <summary><c>listener_manager.total_listeners_warming</c>, gauge, the largest over proxies.</summary>
    ListenersWarming = 51,

    /// <summary><c>cluster_manager.cds.update_rejected</c>, counter.</summary>
    CdsUpdateRejected = 52,

    /// <summary><c>cluster_manager.warming_clusters</c>, gauge, the largest over proxies.</summary>
    ClustersWarming = 53,

    /// <summary><c>control_plane.connected_state</c>, gauge, 0 or 1, the smallest over proxies.</summary>
    ConnectedState = 54,

    /// <summary><c>server.uptime</c>, gauge, seconds, the smallest over proxies.</summary>
    Uptime = 55,

    /// <summary><c>server.live</c>, gauge, 0 or 1, the smallest over proxies.</summary>
    Live = 56,

    /// <summary><c>server.days_until_first_cert_expiring</c>, gauge, the smallest over proxies.</summary>
    DaysUntilFirstCertExpiring = 57,

    /// <summary><c>overload.A.active</c>, gauges, 0 or 1 (or the share of an action by degrees), the largest over
    /// actions and proxies.</summary>
    OverloadActionActive = 58,
}
