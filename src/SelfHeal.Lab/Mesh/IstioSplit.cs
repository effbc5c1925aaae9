using System.Globalization;
using SelfHeal.Lab.Processes;

namespace SelfHeal.Lab.Mesh;

/// <summary>
/// The service of the samples as Istio's objects: two versions on loopback, subsets, a split and a gateway. It is a
/// ServiceEntry, as Kubernetes refuses loopback addresses in its own endpoints.
/// </summary>
public static class IstioSplit
{
    /// <summary>The service's host, which is its name.</summary>
    public const string Host = "payments.default.svc.cluster.local";

    private const int ServicePort = 8080;

    /// <summary>What Istiod calls the gateway's routes.</summary>
    /// <param name="ports">Where the gateway listens.</param>
    public static string RouteConfiguration(LabPorts ports)
    {
        ArgumentNullException.ThrowIfNull(ports);
        return string.Create(CultureInfo.InvariantCulture, $"http.{ports.Listener}.127.0.0.1");
    }

    /// <summary>What Istiod calls the cluster of a version.</summary>
    /// <param name="version">The subset.</param>
    public static string Cluster(string version) =>
        string.Create(CultureInfo.InvariantCulture, $"outbound|{ServicePort}|{version}|{Host}");

    /// <summary>Everything but the split.</summary>
    /// <param name="ports">Where the versions and the gateway are.</param>
    public static string Surroundings(LabPorts ports)
    {
        ArgumentNullException.ThrowIfNull(ports);
        return string.Create(CultureInfo.InvariantCulture, $$"""
            apiVersion: networking.istio.io/v1
            kind: ServiceEntry
            metadata: { name: selfheal-demo, namespace: default }
            spec:
              hosts: [{{Host}}]
              location: MESH_INTERNAL
              resolution: STATIC
              ports: [{ number: {{ServicePort}}, name: http, protocol: HTTP }]
              endpoints:
              - { address: 127.0.0.1, ports: { http: {{ports.Stable}} }, labels: { version: v1 } }
              - { address: 127.0.0.1, ports: { http: {{ports.Canary}} }, labels: { version: v2 } }
            ---
            apiVersion: networking.istio.io/v1
            kind: DestinationRule
            metadata: { name: selfheal-demo, namespace: default }
            spec:
              host: {{Host}}
              trafficPolicy: { tls: { mode: DISABLE } }
              subsets:
              - { name: v1, labels: { version: v1 } }
              - { name: v2, labels: { version: v2 } }
            ---
            apiVersion: networking.istio.io/v1
            kind: Gateway
            metadata: { name: selfheal-demo, namespace: default }
            spec:
              selector: { istio: edge }
              servers:
              - port: { number: {{ports.Listener}}, name: http, protocol: HTTP }
                bind: 127.0.0.1
                hosts: ["*"]

            """);
    }

    /// <summary>The split.</summary>
    /// <param name="stable">The weight of v1, of 100.</param>
    /// <param name="canary">The weight of v2.</param>
    public static string VirtualService(int stable, int canary) => string.Create(CultureInfo.InvariantCulture, $$"""
        apiVersion: networking.istio.io/v1
        kind: VirtualService
        metadata: { name: selfheal-demo, namespace: default }
        spec:
          hosts: [{{Host}}]
          gateways: [default/selfheal-demo]
          http:
          - name: payments
            route:
            - destination: { host: {{Host}}, subset: v1, port: { number: {{ServicePort}} } }
              weight: {{stable}}
            - destination: { host: {{Host}}, subset: v2, port: { number: {{ServicePort}} } }
              weight: {{canary}}

        """);
}
