using System.Collections.Immutable;
using SelfHeal.Core.Remediation;
using SelfHeal.Xds.Overlays;

namespace SelfHeal.Xds.Delegation;

/// <summary>What is to be laid on whatever an upstream gives.</summary>
/// <param name="Overlays">In any order.</param>
/// <param name="Bases">By overlay, what the source said when it was laid first.</param>
/// <param name="Layers">Runtime layers of ours, which are there even without overlays.</param>
public sealed record OverlaysInForce(
    ImmutableArray<Overlay> Overlays, ImmutableDictionary<string, string> Bases, ImmutableArray<string> Layers)
{
    /// <summary>Nothing.</summary>
    public static OverlaysInForce None { get; } = new([], OverlayBasis.None, []);
}
