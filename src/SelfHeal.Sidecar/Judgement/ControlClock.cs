using SelfHeal.Core.Time;

namespace SelfHeal.Sidecar.Judgement;

/// <summary>Reads both clocks at once, for everything that takes its time as a parameter.</summary>
/// <param name="time">The process's clock.</param>
internal sealed class ControlClock(TimeProvider time)
{
    private readonly long _start = time.GetTimestamp();

    /// <summary>The present moment; monotonic nanoseconds count from the start of the process.</summary>
    public ControlTime Now => new(time.GetElapsedTime(_start).Ticks * 100, time.GetUtcNow());
}
