using System.Globalization;

namespace SelfHeal.Benchmarks.Delegation;

/// <summary>The start-up configuration of a plain Envoy that is a gateway of an Istio mesh.</summary>
internal static class MeshBootstrap
{
    /// <param name="adminPort">Of Envoy's admin interface.</param>
    /// <param name="adsPort">Of its control plane, on loopback.</param>
    /// <param name="isDelta">The variant of the protocol.</param>
    public static string Render(int adminPort, int adsPort, bool isDelta) => string.Create(
        CultureInfo.InvariantCulture, $$"""
        node:
          id: router~127.0.0.10~edge.default~default.svc.cluster.local
          cluster: edge
          metadata:
            NAMESPACE: default
            LABELS: { istio: ingressgateway }
            ISTIO_VERSION: 1.31.0
            CLUSTER_ID: Kubernetes
        admin: { address: { socket_address: { address: 127.0.0.1, port_value: {{adminPort}} } } }
        layered_runtime: { layers: [ { name: admin, admin_layer: {} } ] }
        dynamic_resources:
          ads_config:
            api_type: {{(isDelta ? "DELTA_GRPC" : "GRPC")}}
            transport_api_version: V3
            grpc_services: [ { envoy_grpc: { cluster_name: selfheal } } ]
          cds_config: { ads: {}, resource_api_version: V3 }
          lds_config: { ads: {}, resource_api_version: V3 }
        static_resources:
          clusters:
          - name: selfheal
            type: STATIC
            typed_extension_protocol_options:
              envoy.extensions.upstreams.http.v3.HttpProtocolOptions:
                "@type": type.googleapis.com/envoy.extensions.upstreams.http.v3.HttpProtocolOptions
                explicit_http_config: { http2_protocol_options: {} }
            load_assignment:
              cluster_name: selfheal
              endpoints:
              - lb_endpoints:
                - endpoint: { address: { socket_address: { address: 127.0.0.1, port_value: {{adsPort}} } } }

        """);
}
