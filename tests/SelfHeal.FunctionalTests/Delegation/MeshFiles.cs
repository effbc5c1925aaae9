using System.Globalization;
using SelfHeal.Lab.Processes;

namespace SelfHeal.FunctionalTests.Delegation;

/// <summary>What a real Istiod is told, and what a plain Envoy needs to take its configuration.</summary>
internal static class MeshFiles
{
    public const string Host = "reviews.default.svc.cluster.local";
    public const string NodeId = "router~127.0.0.10~edge.default~default.svc.cluster.local";

    /// <summary>A service with two versions on loopback, a gateway before it, and another service.</summary>
    public static string Objects(LabPorts ports, int stable, int canary) => string.Create(
        CultureInfo.InvariantCulture, $$"""
        apiVersion: networking.istio.io/v1
        kind: ServiceEntry
        metadata: {name: reviews, namespace: default}
        spec:
          hosts: [{{Host}}]
          location: MESH_INTERNAL
          ports: [{number: 9080, name: http, protocol: HTTP}]
          resolution: STATIC
          endpoints:
          - {address: 127.0.0.1, ports: {http: {{ports.Stable}} }, labels: {app: reviews, version: v1} }
          - {address: 127.0.0.1, ports: {http: {{ports.Canary}} }, labels: {app: reviews, version: v2} }
        ---
        apiVersion: networking.istio.io/v1
        kind: DestinationRule
        metadata: {name: reviews, namespace: default}
        spec:
          host: {{Host}}
          trafficPolicy: {tls: {mode: DISABLE} }
          subsets:
          - {name: v1, labels: {version: v1} }
          - {name: v2, labels: {version: v2} }
        ---
        apiVersion: networking.istio.io/v1
        kind: Gateway
        metadata: {name: edge, namespace: default}
        spec:
          selector: {istio: ingressgateway}
          servers:
          - port: {number: {{ports.Listener}}, name: http, protocol: HTTP}
            bind: 127.0.0.1
            hosts: ["*"]
        ---
        {{Split(stable, canary)}}
        ---
        {{Other(9081)}}
        """);

    /// <summary>The split.</summary>
    public static string Split(int stable, int canary) => string.Create(
        CultureInfo.InvariantCulture, $$"""
        apiVersion: networking.istio.io/v1
        kind: VirtualService
        metadata: {name: reviews, namespace: default}
        spec:
          hosts: [{{Host}}]
          gateways: [mesh, default/edge]
          http:
          - name: primary
            route:
            - {destination: {host: {{Host}}, subset: v1, port: {number: 9080} }, weight: {{stable}} }
            - {destination: {host: {{Host}}, subset: v2, port: {number: 9080} }, weight: {{canary}} }
        """);

    /// <summary>Another service, which comes and goes.</summary>
    public static string Other(int port) => string.Create(
        CultureInfo.InvariantCulture, $$"""
        apiVersion: networking.istio.io/v1
        kind: ServiceEntry
        metadata: {name: other, namespace: default}
        spec:
          hosts: [other.default.svc.cluster.local]
          location: MESH_INTERNAL
          ports: [{number: {{port}}, name: http, protocol: HTTP}]
          resolution: STATIC
          endpoints:
          - {address: 127.0.0.1, labels: {app: other} }
        """);

    /// <summary>A gateway's bootstrap: everything over ADS, and a runtime layer.</summary>
    public static string Bootstrap(LabPorts ports, int xds, bool delta) => string.Create(
        CultureInfo.InvariantCulture, $$"""
        node:
          id: {{NodeId}}
          cluster: edge
          metadata:
            NAMESPACE: default
            LABELS: {istio: ingressgateway}
            ISTIO_VERSION: 1.31.0
            CLUSTER_ID: Kubernetes
        admin: {address: {socket_address: {address: 127.0.0.1, port_value: {{ports.EnvoyAdmin}} } } }
        dynamic_resources:
          ads_config:
            api_type: {{(delta ? "DELTA_GRPC" : "GRPC")}}
            transport_api_version: V3
            grpc_services: [{envoy_grpc: {cluster_name: xds} }]
          cds_config: {ads: {}, resource_api_version: V3}
          lds_config: {ads: {}, resource_api_version: V3}
        layered_runtime:
          layers:
          - {name: selfheal, rtds_layer: {name: selfheal, rtds_config: {ads: {}, resource_api_version: V3} } }
        static_resources:
          clusters:
          - name: xds
            type: STATIC
            typed_extension_protocol_options:
              envoy.extensions.upstreams.http.v3.HttpProtocolOptions:
                "@type": type.googleapis.com/envoy.extensions.upstreams.http.v3.HttpProtocolOptions
                explicit_http_config: {http2_protocol_options: {} }
            load_assignment:
              cluster_name: xds
              endpoints:
              - lb_endpoints:
                - endpoint: {address: {socket_address: {address: 127.0.0.1, port_value: {{xds}} } } }
        """);
}
