using System.Collections.Immutable;
using SelfHeal.Lab.Mesh;
using SelfHeal.Lab.Processes;

namespace SelfHeal.Sidecar.Demo;

/// <summary>What the demo's service is called where it is configured.</summary>
/// <param name="Host">The host that requests ask for; null: any.</param>
/// <param name="RouteConfiguration">The RDS resource with the split.</param>
/// <param name="Clusters">The cluster of each version.</param>
internal sealed record DemoService(
    string? Host, string RouteConfiguration, ImmutableSortedDictionary<string, string> Clusters)
{
    /// <summary>The versions: stable, then canary.</summary>
    public static ImmutableArray<string> Versions { get; } = ["v1", "v2"];

    /// <summary>The service of a mode.</summary>
    public static DemoService Of(DemoMode mode, LabPorts ports) => mode == DemoMode.Istio
        ? new DemoService(IstioSplit.Host, IstioSplit.RouteConfiguration(ports), Named(IstioSplit.Cluster))
        : new DemoService(Host: null, "payments-routes", Named(static version => $"payments-{version}"));

    private static ImmutableSortedDictionary<string, string> Named(Func<string, string> clusterOf) =>
        Versions.ToImmutableSortedDictionary(static version => version, clusterOf, StringComparer.Ordinal);
}
