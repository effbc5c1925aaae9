namespace SelfHeal.Core.Remediation;

/// <summary>A NACK of a route configuration that carries an overlay of ours.</summary>
/// <param name="OverlayId">The overlay.</param>
/// <param name="Node">The proxy.</param>
/// <param name="Version">The rejected version.</param>
/// <param name="Reason">The proxy's words, truncated.</param>
public sealed record RouteRejection(string OverlayId, string Node, string Version, string Reason);
