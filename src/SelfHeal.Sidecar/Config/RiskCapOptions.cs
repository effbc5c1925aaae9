using SelfHeal.Sidecar.Config.Loading;

namespace SelfHeal.Sidecar.Config;

/// <summary>The risk above which an action is only recommended.</summary>
internal sealed class RiskCapOptions
{
    /// <summary>For an action of ring 1. Default: 0.25. Limits: 0 to 1.</summary>
    [Limits("0", "1")]
    public decimal Ring1 { get; init; } = 0.25m;
}
