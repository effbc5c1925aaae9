using System.Collections.Immutable;

namespace SelfHeal.Xds.Delegation;

/// <summary>What an upstream gave one node of one type.</summary>
/// <param name="Version">Of the latest response that was accepted.</param>
/// <param name="Resources">Sorted by name.</param>
public sealed record UpstreamTypeContents(string Version, ImmutableArray<UpstreamResource> Resources);
