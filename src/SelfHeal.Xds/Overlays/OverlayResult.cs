using System.Collections.Immutable;
using SelfHeal.Xds.Resources;

namespace SelfHeal.Xds.Overlays;

/// <summary>A resource under its overlays.</summary>
/// <param name="Resource">The very instance that came in if no overlay changed it.</param>
/// <param name="Errors">One for each overlay that could not be laid on, in the order of their ids.</param>
public sealed record OverlayResult(XdsResource Resource, ImmutableArray<OverlayError> Errors);
