using System.Collections.Immutable;
using SelfHeal.Core.Topology;

namespace SelfHeal.Xds.Snapshots;

/// <summary>A service with clusters of its own.</summary>
/// <param name="Service">The service's name.</param>
/// <param name="Versions">Its versions.</param>
internal sealed record VersionNamesOf(string Service, ImmutableArray<VersionShare> Versions);
