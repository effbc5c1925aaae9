using System.Collections.Immutable;

namespace SelfHeal.Core.Topology;

/// <summary>
/// Clusters that are known to be versions of one service although no route configuration of its own (RDS) splits
/// traffic over them. They are compared with one another; nothing can be laid over them, because there is no resource
/// to lay it on. That is why this is a type of its own and not a <see cref="TrafficSplit"/>.
/// </summary>
/// <param name="Service">The service's name.</param>
/// <param name="Origin">What says so.</param>
/// <param name="Where">The place in the configuration, in words; empty for names.</param>
/// <param name="Versions">Siblings of one another. A set of one belongs to the service and has no sibling.</param>
public sealed record VersionSet(
    string Service, VersionSetOrigin Origin, string Where, ImmutableArray<VersionShare> Versions);
