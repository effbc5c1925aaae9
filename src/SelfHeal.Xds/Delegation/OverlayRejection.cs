using System.Collections.Immutable;

namespace SelfHeal.Xds.Delegation;

/// <summary>A client rejected a resource that carries overlays; it has been given the upstream's own again.</summary>
/// <param name="TypeUrl">The resource's type.</param>
/// <param name="Name">The resource.</param>
/// <param name="Overlays">The overlays that lay on it.</param>
/// <param name="Message">The client's words.</param>
public sealed record OverlayRejection(string TypeUrl, string Name, ImmutableArray<string> Overlays, string Message);
