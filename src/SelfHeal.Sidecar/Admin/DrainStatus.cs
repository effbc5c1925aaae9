using System.Collections.Immutable;
using System.Text.Json.Serialization;
using SelfHeal.Core.Loads;

namespace SelfHeal.Sidecar.Admin;

/// <summary>Whether an endpoint has no request left, and what that rests on.</summary>
/// <param name="Cluster">The cluster.</param>
/// <param name="Endpoint">The endpoint's address.</param>
/// <param name="Verdict"><c>drained</c> only if every proxy says so in time.</param>
/// <param name="Gaps">Why it is not more than it is.</param>
/// <param name="InProgress">Requests under way, over all proxies.</param>
/// <param name="Proxies">What each says.</param>
internal sealed record DrainStatus(
    string Cluster,
    string Endpoint,
    [property: JsonConverter(typeof(SnakeCaseEnumConverter<DrainVerdict>))] DrainVerdict Verdict,
    ImmutableArray<string> Gaps,
    long InProgress,
    ImmutableArray<ProxyDrainStatus> Proxies);
