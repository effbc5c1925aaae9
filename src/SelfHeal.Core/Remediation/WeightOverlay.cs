using System.Collections.Immutable;
using SelfHeal.Core.Topology;

namespace SelfHeal.Core.Remediation;

/// <summary>
/// A change laid over one route's weighted clusters. It names only what it sets; everything else in the route stays
/// byte for byte what the source of configuration says.
/// </summary>
/// <param name="Id">Unique and ordered: overlays on one resource compose in this order.</param>
/// <param name="IncidentId">The incident that it answers.</param>
/// <param name="RouteConfiguration">The RDS resource that it selects.</param>
/// <param name="VirtualHost">The virtual host's name.</param>
/// <param name="Route">As <see cref="TrafficSplit.Route"/>.</param>
/// <param name="Weights">The new weight of every cluster of the split, in the order of the resource.</param>
public sealed record WeightOverlay(
    string Id,
    string IncidentId,
    string RouteConfiguration,
    string VirtualHost,
    string Route,
    ImmutableArray<ClusterWeight> Weights);
