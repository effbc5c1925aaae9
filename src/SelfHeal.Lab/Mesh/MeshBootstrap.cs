using System.Globalization;

namespace SelfHeal.Lab.Mesh;

/// <summary>The start-up configuration of a plain Envoy that is a gateway of an Istio mesh, for tests.</summary>
public static class MeshBootstrap
{
    /// <summary>The Envoy's name, as Istiod wants it.</summary>
    public const string NodeId = "router~127.0.0.10~edge.default~default.svc.cluster.local";

    /// <summary>A runtime layer of the product's over ADS: Istiod itself would end a stream that asks for it.</summary>
    public const string OurLayer =
        "{ name: selfheal, rtds_layer: { name: selfheal, rtds_config: { ads: {}, resource_api_version: V3 } } }";

    /// <summary>The file's text.</summary>
    /// <param name="adminPort">Of Envoy's admin interface.</param>
    /// <param name="adsPort">Of its control plane, on loopback.</param>
    /// <param name="isDelta">The variant of the protocol.</param>
    /// <param name="runtimeLayer">One more layer of runtime keys, under those of the admin interface; null: none.
    /// </param>
    public static string Render(int adminPort, int adsPort, bool isDelta, string? runtimeLayer = null) => string.Create(
        CultureInfo.InvariantCulture, $$"""
        node:
          id: {{NodeId}}
          cluster: edge
          metadata:
            NAMESPACE: default
            LABELS: { istio: edge }
            ISTIO_VERSION: 1.31.0
            CLUSTER_ID: Kubernetes
        admin: { address: { socket_address: { address: 127.0.0.1, port_value: {{adminPort}} } } }
        layered_runtime:
          layers: [ {{(runtimeLayer is null ? "" : $"{runtimeLayer}, ")}}{ name: admin, admin_layer: {} } ]
        dynamic_resources:
          ads_config:
            api_type: {{(isDelta ? "DELTA_GRPC" : "GRPC")}}
            transport_api_version: V3
            grpc_services: [ { envoy_grpc: { cluster_name: ads } } ]
          cds_config: { ads: {}, resource_api_version: V3 }
          lds_config: { ads: {}, resource_api_version: V3 }
        static_resources:
          clusters:
          - name: ads
            type: STATIC
            typed_extension_protocol_options:
              envoy.extensions.upstreams.http.v3.HttpProtocolOptions:
                "@type": type.googleapis.com/envoy.extensions.upstreams.http.v3.HttpProtocolOptions
                explicit_http_config: { http2_protocol_options: {} }
            load_assignment:
              cluster_name: ads
              endpoints:
              - lb_endpoints:
                - endpoint: { address: { socket_address: { address: 127.0.0.1, port_value: {{adsPort}} } } }

        """);
}
