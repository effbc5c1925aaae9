using System.Collections.Immutable;
using SelfHeal.Core.Remediation;
using SelfHeal.Xds.Resources;

namespace SelfHeal.Xds.Overlays;

/// <summary>A resource under its overlays.</summary>
/// <param name="Resource">The source's very instance if no overlay changed it; null if the source has none of this name
/// and no overlay made one.</param>
/// <param name="Laid">What lies on it, in the order of their ids.</param>
/// <param name="Errors">One for each overlay that could not be laid on, in the order of their ids.</param>
public sealed record OverlayResult(
    XdsResource? Resource, ImmutableArray<Overlay> Laid, ImmutableArray<OverlayError> Errors)
{
    /// <summary>By the id of each laid overlay, what the source says of that which it sets.</summary>
    public ImmutableDictionary<string, string> Bases { get; init; } = OverlayBasis.None;
}
