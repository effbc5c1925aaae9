using System.Collections.Immutable;

namespace SelfHeal.Sidecar.Admin;

/// <summary>How requests of one cluster, host and route ended.</summary>
/// <param name="Cluster">The cluster; empty when none was chosen.</param>
/// <param name="Upstream">The host's address; empty when none was chosen.</param>
/// <param name="Route">The route's name; empty when it has none or none was found.</param>
/// <param name="Requests">How many.</param>
/// <param name="Codes">By class of the response code, such as <c>5xx</c>; <c>none</c> for no code or another.</param>
/// <param name="Flags">By Envoy's response flag, such as <c>UF</c>; only those that there were.</param>
internal sealed record AccessLogStatus(
    string Cluster,
    string Upstream,
    string Route,
    long Requests,
    ImmutableSortedDictionary<string, long> Codes,
    ImmutableSortedDictionary<string, long> Flags);
