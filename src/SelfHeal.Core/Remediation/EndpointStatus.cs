namespace SelfHeal.Core.Remediation;

/// <summary>The health of one endpoint.</summary>
/// <param name="Endpoint">Its address as Envoy's admin interface writes it, such as <c>10.0.0.1:80</c>.</param>
/// <param name="Health">What the configuration shall say of it.</param>
public readonly record struct EndpointStatus(string Endpoint, EndpointHealthStatus Health);
