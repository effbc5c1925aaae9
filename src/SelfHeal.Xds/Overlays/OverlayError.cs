namespace SelfHeal.Xds.Overlays;

/// <summary>Why an overlay was not laid on; it is then left out as a whole.</summary>
/// <param name="OverlayId">The overlay.</param>
/// <param name="RouteConfiguration">The RDS resource that it selects.</param>
/// <param name="Message">What is missing or out of range.</param>
public sealed record OverlayError(string OverlayId, string RouteConfiguration, string Message);
