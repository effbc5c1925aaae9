namespace SelfHeal.Core.Remediation;

/// <summary>The weight of one endpoint within its locality.</summary>
/// <param name="Endpoint">Its address as Envoy's admin interface writes it, such as <c>10.0.0.1:80</c>.</param>
/// <param name="Weight">At least 1: an endpoint is taken out by its health, not by its weight.</param>
public readonly record struct EndpointWeight(string Endpoint, uint Weight);
