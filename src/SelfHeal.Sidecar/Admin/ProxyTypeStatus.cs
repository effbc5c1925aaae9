namespace SelfHeal.Sidecar.Admin;

/// <summary>What one Envoy has of one resource type.</summary>
/// <param name="Type">The full name of the type, such as <c>envoy.config.route.v3.RouteConfiguration</c>.</param>
/// <param name="Version">The version last sent.</param>
/// <param name="State">As CSDS has them: <c>not_sent</c>, <c>stale</c> after sending, <c>synced</c> after the ACK,
/// <c>error</c> after a NACK.</param>
internal sealed record ProxyTypeStatus(string Type, string Version, string State);
