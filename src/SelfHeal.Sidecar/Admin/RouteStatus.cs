using System.Collections.Immutable;

namespace SelfHeal.Sidecar.Admin;

/// <summary>The weights of one route.</summary>
/// <param name="Service">The service behind it.</param>
/// <param name="RouteConfiguration">The RDS resource.</param>
/// <param name="VirtualHost">The virtual host.</param>
/// <param name="Route">The route.</param>
/// <param name="Weights">Cluster to weight.</param>
internal sealed record RouteStatus(
    string Service,
    string RouteConfiguration,
    string VirtualHost,
    string Route,
    ImmutableSortedDictionary<string, uint> Weights);
