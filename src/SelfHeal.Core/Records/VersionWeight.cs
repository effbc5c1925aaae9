namespace SelfHeal.Core.Records;

/// <summary>A version's weight, before or after.</summary>
/// <param name="Version">The version.</param>
/// <param name="Cluster">Its cluster.</param>
/// <param name="Weight">The weight.</param>
public sealed record VersionWeight(string Version, string Cluster, uint Weight);
