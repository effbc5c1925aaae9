namespace SelfHeal.Core.Series;

/// <summary>The parts of one full Envoy stat name; parsed once, when a stream first sends the series.</summary>
/// <param name="Scope">What the stat describes.</param>
/// <param name="Stat">Which stat it is.</param>
/// <param name="NameStart">Where the scope's name begins in the bytes.</param>
/// <param name="NameLength">How many bytes the scope's name has; zero for scopes without a name.</param>
/// <param name="Ambiguous">The name may be a cluster's, or a shorter cluster's with Envoy's qualifier
/// (<c>cluster.pay.internal.upstream_rq_5xx</c>): only an unambiguous stat of the same name proves the cluster.</param>
public readonly record struct StatName(StatScope Scope, Stat Stat, int NameStart, int NameLength, bool Ambiguous)
{
    private static readonly Suffix[] ClusterSuffixes = LongestFirst(
        new("upstream_rq_completed"u8, Stat.UpstreamRqCompleted),
        new("upstream_rq_5xx"u8, Stat.UpstreamRq5xx),
        new("upstream_rq_4xx"u8, Stat.UpstreamRq4xx),
        new("upstream_rq_401"u8, Stat.UpstreamRqUnauthorized),
        new("upstream_rq_403"u8, Stat.UpstreamRqUnauthorized),
        new("upstream_rq_429"u8, Stat.UpstreamRqRateLimited),
        new("upstream_rq_total"u8, Stat.UpstreamRqTotal),
        new("upstream_rq_retry"u8, Stat.UpstreamRqRetry),
        new("upstream_rq_retry_success"u8, Stat.UpstreamRqRetrySuccess),
        new("upstream_rq_retry_overflow"u8, Stat.UpstreamRqRetryOverflow),
        new("retry.upstream_rq_5xx"u8, Stat.RetryUpstreamRq5xx),
        new("upstream_rq_pending_overflow"u8, Stat.UpstreamRqPendingOverflow),
        new("upstream_rq_active_overflow"u8, Stat.UpstreamRqActiveOverflow),
        new("upstream_rq_rx_reset"u8, Stat.UpstreamRqRxReset),
        new("upstream_rq_timeout"u8, Stat.UpstreamRqTimeout),
        new("upstream_cx_total"u8, Stat.UpstreamCxTotal),
        new("upstream_cx_connect_fail"u8, Stat.UpstreamCxConnectFail),
        new("upstream_cx_connect_timeout"u8, Stat.UpstreamCxConnectTimeout),
        new("upstream_cx_destroy_remote_with_active_rq"u8, Stat.UpstreamCxDestroyRemoteWithActiveRq),
        new("upstream_cx_overflow"u8, Stat.UpstreamCxOverflow),
        new("upstream_cx_pool_overflow"u8, Stat.UpstreamCxPoolOverflow),
        new("ssl.handshake"u8, Stat.ClusterSslHandshake),
        new("ssl.connection_error"u8, Stat.ClusterSslConnectionError),
        new("ssl.fail_verify_no_cert"u8, Stat.ClusterSslFailVerify),
        new("ssl.fail_verify_error"u8, Stat.ClusterSslFailVerify),
        new("ssl.fail_verify_san"u8, Stat.ClusterSslFailVerify),
        new("ssl.fail_verify_cert_hash"u8, Stat.ClusterSslFailVerify),
        new("update_rejected"u8, Stat.ClusterUpdateRejected),
        new("upstream_cx_active"u8, Stat.UpstreamCxActive),
        new("upstream_rq_active"u8, Stat.UpstreamRqActive),
        new("upstream_rq_pending_active"u8, Stat.UpstreamRqPendingActive),
        new("outlier_detection.ejections_enforced_total"u8, Stat.OutlierEjectionsEnforced),
        new("outlier_detection.ejections_active"u8, Stat.OutlierEjectionsActive),
        new("membership_total"u8, Stat.MembershipTotal),
        new("circuit_breakers.default.cx_open"u8, Stat.BreakerOpen),
        new("circuit_breakers.default.cx_pool_open"u8, Stat.BreakerOpen),
        new("circuit_breakers.default.rq_open"u8, Stat.BreakerOpen),
        new("circuit_breakers.default.rq_pending_open"u8, Stat.BreakerOpen),
        new("circuit_breakers.default.rq_retry_open"u8, Stat.BreakerOpen),
        new("circuit_breakers.high.cx_open"u8, Stat.BreakerOpen),
        new("circuit_breakers.high.cx_pool_open"u8, Stat.BreakerOpen),
        new("circuit_breakers.high.rq_open"u8, Stat.BreakerOpen),
        new("circuit_breakers.high.rq_pending_open"u8, Stat.BreakerOpen),
        new("circuit_breakers.high.rq_retry_open"u8, Stat.BreakerOpen),
        new("membership_healthy"u8, Stat.MembershipHealthy),
        new("upstream_rq_time"u8, Stat.UpstreamRqTime));

    private static readonly Suffix[] ListenerSuffixes = LongestFirst(
        new("downstream_cx_total"u8, Stat.ListenerCxTotal),
        new("downstream_cx_overflow"u8, Stat.ListenerCxOverflow),
        new("downstream_cx_overload_reject"u8, Stat.ListenerCxOverloadReject),
        new("ssl.handshake"u8, Stat.ListenerSslHandshake),
        new("ssl.connection_error"u8, Stat.ListenerSslConnectionError),
        new("ssl.fail_verify_no_cert"u8, Stat.ListenerSslFailVerify),
        new("ssl.fail_verify_error"u8, Stat.ListenerSslFailVerify),
        new("ssl.fail_verify_san"u8, Stat.ListenerSslFailVerify),
        new("ssl.fail_verify_cert_hash"u8, Stat.ListenerSslFailVerify));

    private static readonly Suffix[] HttpSuffixes = LongestFirst(
        new("downstream_rq_total"u8, Stat.DownstreamRqTotal),
        new("downstream_rq_time"u8, Stat.DownstreamRqTime),
        new("downstream_rq_completed"u8, Stat.DownstreamRqCompleted),
        new("downstream_rq_5xx"u8, Stat.DownstreamRq5xx),
        new("downstream_rq_4xx"u8, Stat.DownstreamRq4xx),
        new("no_route"u8, Stat.NoRoute));

    private static readonly Suffix[] WholeNames =
    [
        new("listener_manager.lds.update_rejected"u8, Stat.LdsUpdateRejected),
        new("listener_manager.listener_create_failure"u8, Stat.ListenerCreateFailure),
        new("listener_manager.total_listeners_warming"u8, Stat.ListenersWarming),
        new("cluster_manager.cds.update_rejected"u8, Stat.CdsUpdateRejected),
        new("cluster_manager.warming_clusters"u8, Stat.ClustersWarming),
        new("control_plane.connected_state"u8, Stat.ConnectedState),
        new("server.uptime"u8, Stat.Uptime),
        new("server.live"u8, Stat.Live),
        new("server.days_until_first_cert_expiring"u8, Stat.DaysUntilFirstCertExpiring),
    ];

    /// <summary>
    /// Parses a full stat name. Scope names may hold dots, so the known suffix is matched from the end, the longest
    /// first.
    /// </summary>
    /// <param name="fullName">The bytes of the name, as Envoy sends it without tag extraction.</param>
    /// <param name="name">The parts.</param>
    /// <returns>False where nothing here reads the stat.</returns>
    public static bool TryParse(ReadOnlySpan<byte> fullName, out StatName name)
    {
        name = default;
        if (fullName.StartsWith("cluster."u8))
            return TryCluster(fullName, out name);
        if (fullName.StartsWith("http."u8))
            return TryHttp(fullName, out name);
        if (fullName.StartsWith("listener."u8))
            return TryListener(fullName, out name);
        if (fullName.StartsWith("overload."u8) && fullName.EndsWith(".active"u8))
        {
            name = new StatName(StatScope.Server, Stat.OverloadActionActive, 0, 0, Ambiguous: false);
            return true;
        }

        foreach (var whole in WholeNames)
        {
            if (!fullName.SequenceEqual(whole.Bytes))
                continue;
            name = new StatName(StatCatalog.ScopeOf(whole.Stat), whole.Stat, 0, 0, Ambiguous: false);
            return true;
        }

        return false;
    }

    private static bool TryCluster(ReadOnlySpan<byte> fullName, out StatName name)
    {
        if (TryGrpc(fullName, out name))
            return true;
        if (!TrySuffix(fullName, "cluster."u8.Length, ClusterSuffixes, out name))
            return false;

        // Envoy repeats the response code stats under a qualifier: canary, internal, external, retry, zone.A.B.
        if (name.Stat is Stat.UpstreamRqCompleted or Stat.UpstreamRq5xx or Stat.UpstreamRq4xx
            or Stat.UpstreamRqUnauthorized or Stat.UpstreamRqRateLimited or Stat.UpstreamRqTime)
        {
            var cluster = fullName.Slice(name.NameStart, name.NameLength);
            name = name with { Ambiguous = HasQualifier(cluster) };
        }

        return true;
    }

    /// <summary><c>cluster.X.grpc.S.M.total</c>, or without service and method where the filter does not tell methods
    /// apart. The last marker counts: a service's name has no part <c>grpc</c> where the cluster's may.</summary>
    private static bool TryGrpc(ReadOnlySpan<byte> fullName, out StatName name)
    {
        name = default;
        var stat = fullName.EndsWith(".total"u8) ? Stat.GrpcTotal
            : fullName.EndsWith(".failure"u8) ? Stat.GrpcFailure
            : Stat.None;
        var start = "cluster."u8.Length;
        var length = fullName.LastIndexOf(".grpc."u8) - start;
        if (stat == Stat.None || length <= 0)
            return false;
        name = new StatName(StatScope.Cluster, stat, start, length, Ambiguous: false);
        return true;
    }

    private static bool HasQualifier(ReadOnlySpan<byte> cluster) =>
        cluster.EndsWith(".canary"u8) || cluster.EndsWith(".internal"u8) || cluster.EndsWith(".external"u8)
        || cluster.EndsWith(".retry"u8) || cluster.IndexOf(".zone."u8) >= 0;

    /// <summary>Envoy repeats a listener's stats for every worker; the sums are enough.</summary>
    private static bool TryListener(ReadOnlySpan<byte> fullName, out StatName name) =>
        TrySuffix(fullName, "listener."u8.Length, ListenerSuffixes, out name)
        && fullName.Slice(name.NameStart, name.NameLength).IndexOf(".worker_"u8) < 0;

    private static bool TryHttp(ReadOnlySpan<byte> fullName, out StatName name)
    {
        if (!fullName.EndsWith(".update_rejected"u8))
            return TrySuffix(fullName, "http."u8.Length, HttpSuffixes, out name);

        // http.P.rds.R.update_rejected: which route configuration was rejected is worth more than by which manager.
        name = default;
        var marker = fullName.IndexOf(".rds."u8);
        var start = marker + ".rds."u8.Length;
        var length = fullName.Length - ".update_rejected"u8.Length - start;
        if (marker < 0 || length <= 0)
            return false;
        name = new StatName(StatScope.RouteConfiguration, Stat.RdsUpdateRejected, start, length, Ambiguous: false);
        return true;
    }

    private static bool TrySuffix(ReadOnlySpan<byte> fullName, int start, Suffix[] suffixes, out StatName name)
    {
        foreach (var suffix in suffixes)
        {
            var length = fullName.Length - start - suffix.Bytes.Length - 1;
            if (length <= 0 || fullName[start + length] != (byte)'.' || !fullName.EndsWith(suffix.Bytes))
                continue;
            name = new StatName(StatCatalog.ScopeOf(suffix.Stat), suffix.Stat, start, length, Ambiguous: false);
            return true;
        }

        name = default;
        return false;
    }

    private static Suffix[] LongestFirst(params Suffix[] suffixes)
    {
        Array.Sort(suffixes, static (left, right) => right.Bytes.Length.CompareTo(left.Bytes.Length));
        return suffixes;
    }

    private readonly struct Suffix(ReadOnlySpan<byte> bytes, Stat stat)
    {
        public readonly byte[] Bytes = bytes.ToArray();
        public readonly Stat Stat = stat;
    }
}
