namespace SelfHeal.Sidecar.Admin;

/// <summary>What one proxy reported last of one place.</summary>
/// <param name="Node">The proxy.</param>
/// <param name="Cluster">The cluster.</param>
/// <param name="Region">Of the locality; may be empty, as the next two.</param>
/// <param name="Zone">Of the locality.</param>
/// <param name="SubZone">Of the locality.</param>
/// <param name="Priority">Of the locality's endpoints in the cluster.</param>
/// <param name="Endpoint">An address; empty for the locality as a whole.</param>
/// <param name="InProgress">Requests under way when it reported.</param>
/// <param name="RequestsPerSecond">Requests sent, per second of the period; null when the proxy does not say how long
/// that was.</param>
/// <param name="ErrorShare">Errors among the requests that ended in the period; null when none did.</param>
/// <param name="AgeSeconds">How old the report is.</param>
internal sealed record LoadStatus(
    string Node,
    string Cluster,
    string Region,
    string Zone,
    string SubZone,
    int Priority,
    string Endpoint,
    long InProgress,
    double? RequestsPerSecond,
    double? ErrorShare,
    double AgeSeconds);
