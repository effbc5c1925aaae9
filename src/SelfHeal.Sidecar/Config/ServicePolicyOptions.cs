using SelfHeal.Sidecar.Config.Loading;

namespace SelfHeal.Sidecar.Config;

/// <summary>The rule of one service.</summary>
internal sealed class ServicePolicyOptions
{
    /// <summary>
    /// The service's ring ceiling; 2 and 3 act as 1 until there are actions of those rings. Null: policy.default_ring.
    /// Default: null. Limits: 0 to 3.
    /// </summary>
    [Limits("0", "3")]
    public int? Ring { get; init; }
}
