using SelfHeal.Core.Time;

namespace SelfHeal.Core.Detection;

/// <summary>How often an effect held in a flush alone since its onset: what an action wants before it may
/// run.</summary>
/// <param name="Flushes">Flushes since the onset in which the effect held in that flush alone.</param>
/// <param name="HoldsInNewest">Whether it holds in the newest flush alone.</param>
/// <param name="First">The end of the first such flush; means nothing while <paramref name="Flushes"/> is 0.</param>
/// <param name="LastStart">The start of the last such flush; means nothing while <paramref name="Flushes"/> is
/// 0.</param>
public readonly record struct PersistenceCounter(
    int Flushes, bool HoldsInNewest, ControlTime First, ControlTime LastStart)
{
    /// <summary>
    /// The time for which the effect is shown to have lasted: from the end of the first flush in which it held to the
    /// start of the last. What happened within those two is not known, so a fault that cleared by itself is never taken
    /// for a longer one.
    /// </summary>
    public TimeSpan Lasted =>
        Flushes < 2 ? TimeSpan.Zero : new TimeSpan(Math.Max(0, LastStart.Since(First).Ticks));

    /// <summary>The counter after one more known flush.</summary>
    /// <param name="holds">Whether the effect holds in that flush alone.</param>
    /// <param name="start">The flush's start.</param>
    /// <param name="end">The flush's end.</param>
    public PersistenceCounter Next(bool holds, ControlTime start, ControlTime end) =>
        holds
            ? new PersistenceCounter(Flushes + 1, true, Flushes == 0 ? end : First, start)
            : this with { HoldsInNewest = false };
}
