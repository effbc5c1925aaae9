using SelfHeal.Sidecar.Config.Loading;

namespace SelfHeal.Sidecar.Config;

/// <summary>How long an effect must last before an action.</summary>
internal sealed class PersistenceOptions
{
    /// <summary>
    /// Flushes in a row that must show the effect before a ring 1 action. Default: 2. Limits: 1 to 100.
    /// </summary>
    [Limits("1", "100")]
    public int Ring1Flushes { get; init; } = 2;

    /// <summary>
    /// How long the effect must last before a ring 2 action. Default: 1m. Limits: 1s to 1h.
    /// </summary>
    [Limits("1s", "1h")]
    public TimeSpan Ring2 { get; init; } = TimeSpan.FromSeconds(60);
}
