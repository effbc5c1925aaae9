using System.Globalization;
using SelfHeal.Lab.Mesh;
using SelfHeal.Lab.Processes;

namespace SelfHeal.FunctionalTests.Delegation;

/// <summary>What a real Istiod is told beside the lab's own service.</summary>
internal static class MeshFiles
{
    /// <summary>The lab's service, split 90 to 10, and another one.</summary>
    public static string Objects(LabPorts ports) => $"""
        {IstioSplit.Surroundings(ports)}
        ---
        {IstioSplit.VirtualService(90, 10)}
        ---
        {Other(9081)}
        """;

    /// <summary>Another service, which comes and goes.</summary>
    public static string Other(int port) => string.Create(
        CultureInfo.InvariantCulture, $$"""
        apiVersion: networking.istio.io/v1
        kind: ServiceEntry
        metadata: { name: other, namespace: default }
        spec:
          hosts: [other.default.svc.cluster.local]
          location: MESH_INTERNAL
          ports: [ { number: {{port}}, name: http, protocol: HTTP } ]
          resolution: STATIC
          endpoints:
          - { address: 127.0.0.1, labels: { app: other } }
        """);
}
