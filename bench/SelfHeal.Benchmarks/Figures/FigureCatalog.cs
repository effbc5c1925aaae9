namespace SelfHeal.Benchmarks.Figures;

/// <summary>Every figure that must be shown, and who measures it.</summary>
internal static class FigureCatalog
{
    /// <summary>One that no provider measures makes the run fail.</summary>
    public static IReadOnlyList<string> Names { get; } =
    [
        "stats.decode.cursor",
        "stats.decode.shuffled",
        "stats.decode.labels",
        "stats.decode.google_protobuf",
        "stats.decode.copy",
        "stats.path",
        "stats.path.allocated_bytes",
        "stats.path.google_protobuf_ratio",
        "stats.socket",
        "stats.socket.drain",
        "stats.socket.grpc_go",
        "stats.socket.grpc_go_ratio",
        "stats.score_100k_ms",
        "stats.score_100k_busy_ms",
        "stats.score_allocated_bytes",
        "stats.flush_to_verdict_p99_ms",
        "stats.fleet_core_share",
        "stats.fleet_rss_mib",
        "stats.fleet_lost_flushes",
        "stats.bytes_per_series",
        "stats.healthy_suspicions",
        "stats.replay_hour_s",
        "stats.false_alarms_per_1000_days",
        "stats.detect_100x_20rps_s",
        "stats.detect_47x_s",
        "stats.detect_canary_30pct_s",
        "stats.detect_canary_5pct_s",
        "stats.transient_ring2_percent",
        "xds.nack_to_lkg_p99_ms",
        "xds.identical_resends",
        "xds.isolation_pushes_named",
        "xds.isolation_pushes_unnamed",
        "xds.swap_failures",
        "xds.disk_answer_ms",
        .. XdsPushFigures.Delta.Names,
        .. XdsPushFigures.StateOfTheWorld.Names,
        .. XdsPushFigures.PerNode.Names,
        "xds.sync_1000_ms",
        "xds.sync_1000_ms.gcp",
        "xds.idle_stream_bytes",
        "xds.idle_stream_bytes.gcp",
        "xds.stalled_p99_excess_ms",
        .. XdsGrowthFigures.AllNames,
        "xds.soak",
    ];

    /// <summary>In the order in which they run: the short ones first.</summary>
    public static IReadOnlyList<IFigureProvider> Providers { get; } =
    [
        new DecodeFigures(),
        new ScoreFigures(),
        new HealthyFigures(),
        new ReplayFigures(),
        new DetectionFigures(),
        new FalseAlarmFigures(),
        new SocketFigures(),
        new VerdictFigures(),
        new FleetFigures(),
        new RejectionFigures(),
        new SwapFigures(),
        new DiskAnswerFigures(),
        XdsPushFigures.Delta,
        XdsPushFigures.StateOfTheWorld,
        XdsPushFigures.PerNode,
        new XdsSyncFigures(),
        new XdsStalledFigures(),
        new XdsGrowthFigures(),
        new XdsSoakFigures(),
    ];
}
