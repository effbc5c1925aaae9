using SelfHeal.Sidecar.Config.Loading;

namespace SelfHeal.Sidecar.Config;

/// <summary>When what is served becomes the last-known-good that a rollback may go back to.</summary>
internal sealed class VerifiedSettings
{
    /// <summary>
    /// How long every proxy must have it without a failure; three times failure_latency if that is more. Default: 10m.
    /// Limits: 10s to 24h.
    /// </summary>
    [Limits("10s", "24h")]
    public TimeSpan SoakMin { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>
    /// The longest time that is known to pass between a change and the failure that it causes. Default: 0s.
    /// Limits: 0s to 24h.
    /// </summary>
    [Limits("0s", "24h")]
    public TimeSpan FailureLatency { get; init; }

    /// <summary>
    /// How many requests must flow meanwhile. Default: 100. Limits: 1 to 1000000000.
    /// </summary>
    [Limits("1", "1000000000")]
    public int RequestsMin { get; init; } = 100;

    /// <summary>
    /// How long after it was last seen to work it is still trusted. Default: 168h. Limits: 1h to 8760h.
    /// </summary>
    [Limits("1h", "8760h")]
    public TimeSpan AgeMax { get; init; } = TimeSpan.FromDays(7);
}
