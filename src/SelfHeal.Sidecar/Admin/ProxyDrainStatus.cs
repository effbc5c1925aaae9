using System.Text.Json.Serialization;
using SelfHeal.Core.Loads;

namespace SelfHeal.Sidecar.Admin;

/// <summary>What one proxy's reports say of an endpoint.</summary>
/// <param name="Node">The proxy.</param>
/// <param name="State">What they say.</param>
/// <param name="InProgress">Requests under way as last reported.</param>
/// <param name="Issued">Requests sent to it in the last period.</param>
/// <param name="AgeSeconds">How old the last report is; null without any.</param>
internal sealed record ProxyDrainStatus(
    string Node,
    [property: JsonConverter(typeof(SnakeCaseEnumConverter<ProxyDrainState>))] ProxyDrainState State,
    long InProgress,
    long Issued,
    double? AgeSeconds);
