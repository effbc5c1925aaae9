using SelfHeal.Sidecar.Config.Loading;

namespace SelfHeal.Sidecar.Config;

/// <summary>The confidence (its lower 90 % bound) that an action needs.</summary>
internal sealed class RingBarsOptions
{
    /// <summary>For an action of ring 1. Default: 0.7. Limits: 0.5 to 1.</summary>
    [Limits("0.5", "1")]
    public decimal Ring1 { get; init; } = 0.7m;
}
