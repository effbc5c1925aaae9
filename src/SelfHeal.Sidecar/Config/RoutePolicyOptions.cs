namespace SelfHeal.Sidecar.Config;

/// <summary>The rule of one route.</summary>
internal sealed class RoutePolicyOptions
{
    /// <summary>
    /// Whether the route's requests carry an idempotency key. Null: as the service says. Default: null.
    /// </summary>
    public StateSensitivity? StateSensitivity { get; init; }
}
