using System.Collections.Immutable;

namespace SelfHeal.Core.Topology;

/// <summary>
/// One route that splits its traffic over versions of one service (RDS <c>weighted_clusters</c>), as declared by the
/// source of configuration and without any overlay of ours.
/// </summary>
/// <param name="Service">The service's name, derived from the clusters' common name or the virtual host.</param>
/// <param name="RouteConfiguration">The RDS resource.</param>
/// <param name="VirtualHost">The virtual host's name.</param>
/// <param name="Route">The route's name; where it has none, <c>#</c> and its zero-based place in the virtual
/// host.</param>
/// <param name="Versions">In the order of the resource; at least two.</param>
public sealed record TrafficSplit(
    string Service,
    string RouteConfiguration,
    string VirtualHost,
    string Route,
    ImmutableArray<VersionShare> Versions);
