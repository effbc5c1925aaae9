namespace SelfHeal.Core.Loads;

/// <summary>One row of what a proxy reported last.</summary>
/// <param name="Node">The proxy.</param>
/// <param name="Cluster">The cluster.</param>
/// <param name="Locality">Where.</param>
/// <param name="Priority">The priority of its endpoints.</param>
/// <param name="Endpoint">The endpoint's address; empty for the locality as a whole.</param>
/// <param name="Counts">Its requests.</param>
/// <param name="Interval">How long the period was; zero when the proxy does not say.</param>
/// <param name="Age">How old the report is.</param>
public sealed record ReportedLoad(
    string Node,
    string Cluster,
    LocalityName Locality,
    int Priority,
    string Endpoint,
    LoadCounts Counts,
    TimeSpan Interval,
    TimeSpan Age);
