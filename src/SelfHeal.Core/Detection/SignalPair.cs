using System.Collections.Immutable;
using SelfHeal.Core.Series;

namespace SelfHeal.Core.Detection;

/// <summary>Events e of n: one ratio that detection watches, for every scope of its kind in the same way.</summary>
/// <param name="Name">What records, files and explanations call it.</param>
/// <param name="Scope">The kind of scope that has it.</param>
/// <param name="Metric">The stat that stands for it in evidence.</param>
/// <param name="Events">The counters whose sum is e.</param>
/// <param name="Total">The counters whose sum is n.</param>
public sealed record SignalPair(
    string Name, StatScope Scope, string Metric, ImmutableArray<Stat> Events, ImmutableArray<Stat> Total)
{
    /// <summary>Responses of 500 and above, of completed requests.</summary>
    public static SignalPair Errors { get; } =
        OfCluster("errors", "upstream_rq_5xx", [Stat.UpstreamRq5xx], [Stat.UpstreamRqCompleted]);

    /// <summary>Retries, of all requests: failures that a retry may have hidden.</summary>
    public static SignalPair RetriedErrors { get; } =
        OfCluster("retried errors", "upstream_rq_retry", [Stat.UpstreamRqRetry], [Stat.UpstreamRqTotal]);

    /// <summary>Connections that could not be made, of all connections.</summary>
    public static SignalPair ConnectFailures { get; } =
        OfCluster("connect failures", "upstream_cx_connect_fail", [Stat.UpstreamCxConnectFail], [Stat.UpstreamCxTotal]);

    /// <summary>Requests that the upstream reset, of all requests.</summary>
    public static SignalPair Resets { get; } =
        OfCluster("resets", "upstream_rq_rx_reset", [Stat.UpstreamRqRxReset], [Stat.UpstreamRqTotal]);

    /// <summary>gRPC calls with a status other than OK, of all calls: they are HTTP 200. Needs <c>grpc_stats</c>.
    /// </summary>
    public static SignalPair GrpcFailures { get; } =
        OfCluster("grpc failures", "grpc.failure", [Stat.GrpcFailure], [Stat.GrpcTotal]);

    /// <summary>Responses slower than the declared objective, of all responses.</summary>
    public static SignalPair SlowForObjective { get; } =
        OfCluster("slow", "upstream_rq_time", [Stat.UpstreamRqTime], [Stat.UpstreamRqTime])
            with
        { Edge = LatencyEdge.Objective, NeedsHistory = true };

    /// <summary>Responses slower than the first bucket edge above the baseline's 99th percentile: 80 ms that become 240
    /// are seen under an objective of 500.</summary>
    public static SignalPair SlowForBaseline { get; } =
        OfCluster("slower", "upstream_rq_time", [Stat.UpstreamRqTime], [Stat.UpstreamRqTime])
            with
        { Edge = LatencyEdge.Baseline, NeedsHistory = true };

    /// <summary>TLS handshakes with the upstream that failed, of all that were tried.</summary>
    public static SignalPair UpstreamHandshakes { get; } = OfCluster(
        "upstream handshakes",
        "ssl.connection_error",
        [Stat.ClusterSslConnectionError, Stat.ClusterSslFailVerify],
        [Stat.ClusterSslHandshake, Stat.ClusterSslConnectionError, Stat.ClusterSslFailVerify]);

    /// <summary>Responses 401 and 403, of completed requests.</summary>
    public static SignalPair Unauthorized { get; } =
        OfCluster("unauthorized", "upstream_rq_401+403", [Stat.UpstreamRqUnauthorized], [Stat.UpstreamRqCompleted])
            with
        { NeedsHistory = true };

    /// <summary>Responses 429, of completed requests.</summary>
    public static SignalPair RateLimited { get; } =
        OfCluster("rate limited", "upstream_rq_429", [Stat.UpstreamRqRateLimited], [Stat.UpstreamRqCompleted])
            with
        { NeedsHistory = true };

    /// <summary>Completions that should have come and did not: e completions in n milliseconds.</summary>
    public static SignalPair Collapse { get; } =
        OfCluster("collapse", "upstream_rq_completed", [Stat.UpstreamRqCompleted], [])
            with
        { Falls = true, NeedsHistory = true };

    /// <summary>TLS handshakes with clients that failed, of all that were tried.</summary>
    public static SignalPair DownstreamHandshakes { get; } = new(
        "downstream handshakes",
        StatScope.Listener,
        "ssl.connection_error",
        [Stat.ListenerSslConnectionError, Stat.ListenerSslFailVerify],
        [Stat.ListenerSslHandshake, Stat.ListenerSslConnectionError, Stat.ListenerSslFailVerify])
    {
        NeedsHistory = true,
    };

    /// <summary>New connections that should have come and did not: e connections in n milliseconds.</summary>
    public static SignalPair ConnectionCollapse { get; } = new(
        "connection collapse", StatScope.Listener, "downstream_cx_total", [Stat.ListenerCxTotal], [])
    {
        Falls = true,
        NeedsHistory = true,
    };

    /// <summary>Requests for which there was no route (a 404 of the gateway's own), of all requests.</summary>
    public static SignalPair NoRoute { get; } = new(
        "no route", StatScope.HttpConnectionManager, "no_route", [Stat.NoRoute], [Stat.DownstreamRqTotal])
    {
        NeedsHistory = true,
    };

    /// <summary>Every pair watched, in the order of evaluation. A further pair is a further row.</summary>
    public static ImmutableArray<SignalPair> Table { get; } =
    [
        Errors, RetriedErrors, ConnectFailures, Resets, GrpcFailures, SlowForObjective, SlowForBaseline,
        UpstreamHandshakes, Unauthorized, RateLimited, Collapse, DownstreamHandshakes, ConnectionCollapse, NoRoute,
    ];

    /// <summary>
    /// Whether the look against its own baseline waits for history. What is normal differs too much between services to
    /// be declared for all of them: some are slow, some refuse half of their callers.
    /// </summary>
    public bool NeedsHistory { get; init; }

    /// <summary>Whether trouble is that events are missing; n is then observed time in milliseconds.</summary>
    public bool Falls { get; init; }

    /// <summary>For a histogram: above which edge a response is an event.</summary>
    public LatencyEdge Edge { get; init; }

    /// <summary>Its place in <see cref="Table"/>.</summary>
    public int Row => Table.IndexOf(this);

    /// <inheritdoc/>
    public override string ToString() => Name;

    private static SignalPair OfCluster(
        string name, string metric, ImmutableArray<Stat> events, ImmutableArray<Stat> total) =>
        new(name, StatScope.Cluster, metric, events, total);
}
