using SelfHeal.Sidecar.Config.Loading;

namespace SelfHeal.Sidecar.Config;

/// <summary>How long an effect must last before an action.</summary>
internal sealed class PersistenceOptions
{
    /// <summary>
    /// Flushes since onset in which the effect must have held alone, the newest among them, before a ring 1 action.
    /// Default: 2. Limits: 1 to 100.
    /// </summary>
    [Limits("1", "100")]
    public int Ring1Flushes { get; init; } = 2;
}
