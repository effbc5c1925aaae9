namespace SelfHeal.Core.Remediation;

/// <summary>The weight of one cluster within a route's weighted clusters.</summary>
/// <param name="Cluster">The Envoy cluster.</param>
/// <param name="Weight">Zero takes the cluster out of new traffic; requests in flight finish.</param>
public readonly record struct ClusterWeight(string Cluster, uint Weight);
