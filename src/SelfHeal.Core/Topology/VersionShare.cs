namespace SelfHeal.Core.Topology;

/// <summary>
/// One version of a service behind one route: the cluster that serves it and its share of the traffic.
/// </summary>
/// <param name="Version">The version's name, derived from the cluster's name (<c>v2</c> of <c>payments-v2</c>).</param>
/// <param name="Cluster">The Envoy cluster.</param>
/// <param name="Weight">The declared weight; the share is this over the sum of the split's weights.</param>
public sealed record VersionShare(string Version, string Cluster, uint Weight);
