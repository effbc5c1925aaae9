namespace SelfHeal.Sidecar.Admin;

/// <summary>What one Envoy has of one resource type.</summary>
/// <param name="Type">The type URL.</param>
/// <param name="Version">The version last sent.</param>
/// <param name="State">A word such as <c>acked</c>, <c>nacked</c> or <c>pending</c>.</param>
internal sealed record ProxyTypeStatus(string Type, string Version, string State);
