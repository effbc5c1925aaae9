using System.Globalization;
using SelfHeal.Lab.Processes;

namespace SelfHeal.FunctionalTests.EndToEnd;

/// <summary>The files behind <see cref="OverlayGateway"/>.</summary>
internal static class OverlayGatewayFiles
{
    private const string Manager = "type.googleapis.com/"
        + "envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager";

    /// <summary>Two clusters, their endpoints, a listener and its routes.</summary>
    public static string Resources(int listener, Func<string, string> addressOf) =>
        $$"""
        resources:
        - "@type": type.googleapis.com/envoy.config.cluster.v3.Cluster
          name: app
          type: EDS
          connect_timeout: 1s
          common_lb_config: { locality_weighted_lb_config: {} }
          eds_cluster_config: { eds_config: { ads: {}, resource_api_version: V3 } }
        - "@type": type.googleapis.com/envoy.config.cluster.v3.Cluster
          name: other
          type: EDS
          connect_timeout: 1s
          eds_cluster_config: { eds_config: { ads: {}, resource_api_version: V3 } }
        - "@type": type.googleapis.com/envoy.config.endpoint.v3.ClusterLoadAssignment
          cluster_name: app
          endpoints:
          - locality: { region: eu, zone: a }
            load_balancing_weight: 50
            lb_endpoints:
            - {{Endpoint(addressOf("a1"))}}
            - {{Endpoint(addressOf("a2"))}}
          - locality: { region: eu, zone: b }
            load_balancing_weight: 50
            lb_endpoints:
            - {{Endpoint(addressOf("b1"))}}
        - "@type": type.googleapis.com/envoy.config.endpoint.v3.ClusterLoadAssignment
          cluster_name: other
          endpoints: [{ lb_endpoints: [{{Endpoint(addressOf("b1"))}}] }]
        - "@type": type.googleapis.com/envoy.config.listener.v3.Listener
          name: ingress
          address: { socket_address: { address: 127.0.0.1, port_value: {{Number(listener)}} } }
          filter_chains:
          - filters:
            - name: envoy.filters.network.http_connection_manager
              typed_config:
                "@type": {{Manager}}
                stat_prefix: ingress
                rds: { route_config_name: routes, config_source: { ads: {}, resource_api_version: V3 } }
                http_filters:
                - name: envoy.filters.http.router
                  typed_config: { "@type": type.googleapis.com/envoy.extensions.filters.http.router.v3.Router }
        - "@type": type.googleapis.com/envoy.config.route.v3.RouteConfiguration
          name: routes
          virtual_hosts:
          - name: all
            domains: ["*"]
            routes:
            - name: direct
              match: { prefix: /direct }
              route: { cluster: app, retry_policy: { retry_on: "5xx,reset", num_retries: 3 } }
            - name: split
              match: { prefix: / }
              route: { weighted_clusters: { clusters: [{ name: app, weight: 90 }, { name: other, weight: 10 }] } }

        """;

    /// <summary>ADS for everything, the layer of runtime keys included.</summary>
    public static string Bootstrap(LabPorts ports, bool delta) =>
        $$"""
        node: { id: overlays, cluster: overlays }
        admin: { address: { socket_address: { address: 127.0.0.1, port_value: {{Number(ports.EnvoyAdmin)}} } } }
        dynamic_resources:
          ads_config:
            api_type: {{(delta ? "DELTA_GRPC" : "GRPC")}}
            transport_api_version: V3
            grpc_services: [{ envoy_grpc: { cluster_name: selfheal } }]
          cds_config: { ads: {}, resource_api_version: V3 }
          lds_config: { ads: {}, resource_api_version: V3 }
        layered_runtime:
          layers:
          - name: overlays
            rtds_layer:
              name: overlays
              rtds_config: { ads: {}, resource_api_version: V3, initial_fetch_timeout: 1s }
        static_resources:
          clusters:
          - name: selfheal
            type: STATIC
            connect_timeout: 1s
            typed_extension_protocol_options:
              envoy.extensions.upstreams.http.v3.HttpProtocolOptions:
                "@type": type.googleapis.com/envoy.extensions.upstreams.http.v3.HttpProtocolOptions
                explicit_http_config: { http2_protocol_options: {} }
            load_assignment:
              cluster_name: selfheal
              endpoints:
              - lb_endpoints: [{{Endpoint($"127.0.0.1:{Number(ports.Xds)}")}}]

        """;

    private static string Endpoint(string address)
    {
        var parts = address.Split(':');
        return "{ endpoint: { address: { socket_address: { address: "
            + $"{parts[0]}, port_value: {parts[1]} }} }} }} }}";
    }

    private static string Number(int port) => port.ToString(CultureInfo.InvariantCulture);
}
