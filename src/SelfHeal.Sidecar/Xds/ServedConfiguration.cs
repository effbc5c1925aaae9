using System.Collections.Immutable;
using SelfHeal.Core.Topology;
using SelfHeal.Xds.Resources;
using SelfHeal.Xds.Snapshots;

namespace SelfHeal.Sidecar.Xds;

/// <summary>What is served now, and how it came about.</summary>
/// <param name="Snapshot">What every proxy gets.</param>
/// <param name="Source">What the source declares, without overlays.</param>
/// <param name="Topology">Services and routes as the source declares them, without overlays.</param>
/// <param name="Overlays">Ids of the overlays in each route configuration that carries any.</param>
internal sealed record ServedConfiguration(
    ValidatedSnapshot Snapshot,
    ValidatedSnapshot Source,
    GatewayTopology Topology,
    ImmutableSortedDictionary<string, ImmutableArray<string>> Overlays)
{
    /// <summary>The route configurations in it, sorted by name.</summary>
    public ImmutableArray<XdsResource> Routes => Snapshot.Get(TypeUrl.RouteConfiguration).Resources;

    /// <summary>Hash of a route configuration as the source declares it.</summary>
    /// <param name="routeConfiguration">Its name; one that is served.</param>
    public string SourceHash(string routeConfiguration) =>
        Source.Get(TypeUrl.RouteConfiguration).Find(routeConfiguration)?.ContentHash ?? "";

    /// <summary>The overlays in a route configuration; empty where there are none.</summary>
    /// <param name="routeConfiguration">Its name.</param>
    public ImmutableArray<string> OverlaysIn(string routeConfiguration) =>
        Overlays.GetValueOrDefault(routeConfiguration, []);
}
