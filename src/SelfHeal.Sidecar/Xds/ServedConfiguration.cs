using System.Collections.Immutable;
using SelfHeal.Core.Remediation;
using SelfHeal.Core.Topology;
using SelfHeal.Xds.Groups;
using SelfHeal.Xds.Resources;
using SelfHeal.Xds.Snapshots;

namespace SelfHeal.Sidecar.Xds;

/// <summary>What is served now, and how it came about. Of several groups it is the union: the first one's content
/// counts.</summary>
/// <param name="Snapshot">What proxies get.</param>
/// <param name="Source">What the source declares, without overlays.</param>
/// <param name="Topology">Services and routes as the source declares them, without overlays.</param>
/// <param name="Overlays">Ids of the overlays in each route configuration that carries any.</param>
internal sealed record ServedConfiguration(
    ValidatedSnapshot Snapshot,
    ValidatedSnapshot Source,
    GatewayTopology Topology,
    ImmutableSortedDictionary<string, ImmutableArray<string>> Overlays)
{
    /// <summary>What each group's source declares, by the group's name; empty where there is only the default group.
    /// </summary>
    public ImmutableDictionary<string, ValidatedSnapshot> Groups { get; init; } =
        ImmutableDictionary.Create<string, ValidatedSnapshot>(StringComparer.Ordinal);

    /// <summary>The route configurations in it, sorted by name.</summary>
    public ImmutableArray<XdsResource> Routes => Snapshot.Get(TypeUrl.RouteConfiguration).Resources;

    /// <summary>Hash of a route configuration as the source declares it.</summary>
    /// <param name="routeConfiguration">Its name; one that is served.</param>
    public string SourceHash(string routeConfiguration) =>
        Source.Get(TypeUrl.RouteConfiguration).Find(routeConfiguration)?.ContentHash ?? "";

    /// <summary>
    /// Whether a group's route configuration of a name is the one that the judgement knows: changes of the judgement
    /// are laid on it, and its proxies count. Another group may have another content under the same name.
    /// </summary>
    /// <param name="group">The group.</param>
    /// <param name="routeConfiguration">The name.</param>
    public bool IsJudged(string group, string routeConfiguration) => Groups.IsEmpty
        ? group == NodeGroups.Default
        : Groups.GetValueOrDefault(group)?.Get(TypeUrl.RouteConfiguration).Find(routeConfiguration)?.ContentHash
            == SourceHash(routeConfiguration);

    /// <summary>The ids of the overlays that lie on routes, by route configuration.</summary>
    /// <param name="builds">What was laid, each overlay on as many as it fits.</param>
    public static ImmutableSortedDictionary<string, ImmutableArray<string>> ByRoute(
        ImmutableArray<SnapshotBuild> builds) => builds
        .SelectMany(static build => build.Laid).Where(static o => o.Carrier == OverlayCarrier.Rds)
        .DistinctBy(static o => o.Id, StringComparer.Ordinal)
        .GroupBy(static o => o.Resource, StringComparer.Ordinal)
        .ToImmutableSortedDictionary(
            static group => group.Key,
            static group => group.Select(static o => o.Id).ToImmutableArray(),
            StringComparer.Ordinal);

    /// <summary>The overlays in a route configuration; empty where there are none.</summary>
    /// <param name="routeConfiguration">Its name.</param>
    public ImmutableArray<string> OverlaysIn(string routeConfiguration) =>
        Overlays.GetValueOrDefault(routeConfiguration, []);
}
