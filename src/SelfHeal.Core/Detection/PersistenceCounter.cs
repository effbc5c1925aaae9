using SelfHeal.Core.Time;

namespace SelfHeal.Core.Detection;

/// <summary>How often an effect held in a flush alone since its onset: what an action wants before it may
/// run.</summary>
/// <param name="Flushes">Flushes since the onset in which the effect held in that flush alone.</param>
/// <param name="HoldsInNewest">Whether it holds in the newest flush alone.</param>
/// <param name="First">The end of the first such flush; means nothing while <paramref name="Flushes"/> is 0.</param>
/// <param name="Last">The end of the last such flush; means nothing while <paramref name="Flushes"/> is 0.</param>
public readonly record struct PersistenceCounter(int Flushes, bool HoldsInNewest, ControlTime First, ControlTime Last)
{
    /// <summary>The time from the first flush in which the effect held to the last.</summary>
    public TimeSpan Lasted => Flushes == 0 ? TimeSpan.Zero : Last.Since(First);

    /// <summary>The counter after one more known flush.</summary>
    /// <param name="holds">Whether the effect holds in that flush alone.</param>
    /// <param name="end">The flush's end.</param>
    public PersistenceCounter Next(bool holds, ControlTime end) =>
        holds
            ? new PersistenceCounter(Flushes + 1, true, Flushes == 0 ? end : First, end)
            : this with { HoldsInNewest = false };
}
