using System.Collections.Immutable;

namespace SelfHeal.Sidecar.Admin;

/// <summary>What proxies reported last of their upstreams' load.</summary>
/// <param name="Loads">By node, cluster, locality, priority and endpoint.</param>
/// <param name="LeftOut">How many there are beyond those; ask for one cluster to see them.</param>
internal sealed record LoadListing(ImmutableArray<LoadStatus> Loads, int LeftOut);
