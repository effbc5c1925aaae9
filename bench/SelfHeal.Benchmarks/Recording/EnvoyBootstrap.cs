using System.Globalization;
using System.Text;
using SelfHeal.Lab.Processes;

namespace SelfHeal.Benchmarks.Recording;

/// <summary>
/// Envoy's start-up configuration of a recording: everything static, so that it needs no control plane. Stat names
/// carry no port and no path, so recordings of two machines differ in values only.
/// </summary>
internal static class EnvoyBootstrap
{
    public const string Stable = "payments-v1";
    public const string Canary = "payments-v2";

    // One version runs out of connections and of the queue for them, the other of requests: Envoy counts them apart.
    private const string StableLimits = "max_connections: 6, max_pending_requests: 4";
    private const string CanaryLimits = "max_requests: 1";

    private const string HttpManager = "type.googleapis.com/"
        + "envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager";

    private const string Http2 = """

            typed_extension_protocol_options:
              envoy.extensions.upstreams.http.v3.HttpProtocolOptions:
                "@type": type.googleapis.com/envoy.extensions.upstreams.http.v3.HttpProtocolOptions
                explicit_http_config: { http2_protocol_options: {} }
        """;

    public static string Render(EnvoyRecordingOptions options, LabPorts ports, int shopPort)
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $$"""
            node: { id: gateway-1, cluster: gateway }
            admin:
              address: { socket_address: { address: 127.0.0.1, port_value: {{ports.EnvoyAdmin}} } }
            stats_flush_interval: {{options.FlushInterval.TotalSeconds}}s
            stats_sinks:
            - name: envoy.stat_sinks.metrics_service
              typed_config:
                "@type": type.googleapis.com/envoy.config.metrics.v3.MetricsServiceConfig
                transport_api_version: V3
                emit_tags_as_labels: {{Flag(options.Labels)}}
                report_counters_as_deltas: {{Flag(options.Deltas)}}
                batch_size: {{options.BatchSize}}
                grpc_service: { envoy_grpc: { cluster_name: selfheal } }
            static_resources:
              listeners:
              - name: ingress_http
                stat_prefix: ingress_http
                address: { socket_address: { address: 127.0.0.1, port_value: {{ports.Listener}} } }
                filter_chains:
                - filters:
                  - name: envoy.filters.network.http_connection_manager
                    typed_config:
                      "@type": {{HttpManager}}
                      stat_prefix: ingress_http
                      route_config:
                        name: gateway-routes
                        virtual_hosts:
                        - name: gateway
                          domains: ["*"]
                          routes:
                          - name: payments
                            match: { prefix: "/pay" }
                            route:
                              timeout: 5s{{Retries(options)}}
                              weighted_clusters:
                                clusters:
                                - { name: {{Stable}}, weight: 90 }
                                - { name: {{Canary}}, weight: 10 }
                          - name: shop
                            match: { prefix: "/" }
                            route:
                              timeout: 5s
                              weighted_clusters:
                                clusters:

            """);
        for (var service = 0; service < options.Busy; service++)
        {
            text.Append(
                CultureInfo.InvariantCulture, $"                    - {{ name: {Service(service)}, weight: 1 }}\n");
        }

        text.Append("""
                      http_filters:
                      - name: envoy.filters.http.router
                        typed_config:
                          "@type": type.googleapis.com/envoy.extensions.filters.http.router.v3.Router
              clusters:

            """);
        AppendClusters(text, options, ports, shopPort);
        return text.ToString();
    }

    /// <summary>Twenty characters with the prefix, as in the table of sizes; with a dot, as in a mesh.</summary>
    private static string Service(int service) =>
        string.Create(CultureInfo.InvariantCulture, $"service-{service:D5}.shop");

    private static string Flag(bool flag) => flag ? "true" : "false";

    private static string Retries(EnvoyRecordingOptions options) => options.Scenario == EnvoyScenario.RetryStorm
        ? "\n                  retry_policy: { retry_on: 5xx, num_retries: 3 }"
        : "";

    private static string Breakers(EnvoyRecordingOptions options, string limits) => options.Scenario switch
    {
        EnvoyScenario.PoolExhaustion => $"\n    circuit_breakers: {{ thresholds: [{{ {limits} }}] }}",
        EnvoyScenario.RetryStorm => "\n    circuit_breakers: { thresholds: [{ max_retries: 2 }] }",
        _ => "",
    };

    private static void AppendClusters(
        StringBuilder text, EnvoyRecordingOptions options, LabPorts ports, int shopPort)
    {
        AppendCluster(text, Stable, ports.Stable, Breakers(options, StableLimits));
        AppendCluster(text, Canary, ports.Canary, Breakers(options, CanaryLimits));
        for (var service = 0; service < options.Clusters - 3; service++)
            AppendCluster(text, Service(service), shopPort, "");
        AppendCluster(text, "selfheal", ports.Xds, Http2);
    }

    private static void AppendCluster(StringBuilder text, string name, int port, string more) =>
        text.Append(CultureInfo.InvariantCulture, $$"""
              - name: {{name}}
                type: STATIC
                connect_timeout: 1s
                load_assignment:
                  cluster_name: {{name}}
                  endpoints:
                  - lb_endpoints:
                    - endpoint: { address: { socket_address: { address: 127.0.0.1, port_value: {{port}} } } }{{more}}

            """);
}
