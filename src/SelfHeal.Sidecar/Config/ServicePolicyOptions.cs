using System.Collections.Immutable;
using SelfHeal.Sidecar.Config.Loading;

namespace SelfHeal.Sidecar.Config;

/// <summary>The rule of one service.</summary>
internal sealed class ServicePolicyOptions
{
    /// <summary>
    /// The service's ring ceiling. Null: policy.default_ring. Default: null. Limits: 0 to 3.
    /// </summary>
    [Limits("0", "3")]
    public int? Ring { get; init; }

    /// <summary>
    /// Whether its requests carry an idempotency key (keyed) or not (none). Default: none.
    /// </summary>
    public StateSensitivity StateSensitivity { get; init; } = StateSensitivity.None;

    /// <summary>Routes of the service that differ from it, by route name. Default: {}.</summary>
    public ImmutableSortedDictionary<string, RoutePolicyOptions> Routes { get; init; } =
        ImmutableSortedDictionary.Create<string, RoutePolicyOptions>(StringComparer.Ordinal);
}
