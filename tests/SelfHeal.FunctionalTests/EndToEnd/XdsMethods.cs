namespace SelfHeal.FunctionalTests.EndToEnd;

/// <summary>The gRPC methods that <c>selfheal serve</c> has.</summary>
internal static class XdsMethods
{
    public const string StateOfTheWorld =
        "envoy.service.discovery.v3.AggregatedDiscoveryService/StreamAggregatedResources";

    public const string Delta = "envoy.service.discovery.v3.AggregatedDiscoveryService/DeltaAggregatedResources";

    public const string Metrics = "envoy.service.metrics.v3.MetricsService/StreamMetrics";

    public const string Loads = "envoy.service.load_stats.v3.LoadReportingService/StreamLoadStats";

    public const string AccessLogs = "envoy.service.accesslog.v3.AccessLogService/StreamAccessLogs";

    public const string Clusters = "envoy.service.cluster.v3.ClusterDiscoveryService/StreamClusters";

    public const string VirtualHosts = "envoy.service.route.v3.VirtualHostDiscoveryService/DeltaVirtualHosts";

    public const string HealthCheck = "grpc.health.v1.Health/Check";

    /// <summary>All that are there without being asked for; of services of one type, one per variant.</summary>
    public static IEnumerable<string> All { get; } =
    [
        StateOfTheWorld,
        Delta,
        Clusters,
        VirtualHosts,
        Metrics,
        Loads,
        HealthCheck,
        "grpc.health.v1.Health/Watch",
        "grpc.reflection.v1.ServerReflection/ServerReflectionInfo",
        "grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo",
    ];
}
