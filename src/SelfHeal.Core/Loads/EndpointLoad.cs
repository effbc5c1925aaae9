namespace SelfHeal.Core.Loads;

/// <summary>What one proxy saw of one endpoint in one period.</summary>
/// <param name="Address"><c>10.0.0.1:80</c>, <c>[::1]:80</c> or <c>unix:/path</c>.</param>
/// <param name="Counts">Its requests.</param>
public readonly record struct EndpointLoad(string Address, LoadCounts Counts);
