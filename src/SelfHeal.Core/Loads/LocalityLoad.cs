using System.Collections.Immutable;

namespace SelfHeal.Core.Loads;

/// <summary>What one proxy saw of one locality of a cluster in one period.</summary>
/// <param name="Locality">Where.</param>
/// <param name="Priority">The priority of its endpoints in the cluster; 0 is the first choice.</param>
/// <param name="Counts">The requests of all its endpoints.</param>
/// <param name="Endpoints">Those that had requests in the period or at its end; empty from a proxy that does not know
/// endpoint granularity.</param>
public sealed record LocalityLoad(
    LocalityName Locality, int Priority, LoadCounts Counts, ImmutableArray<EndpointLoad> Endpoints);
