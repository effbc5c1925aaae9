namespace SelfHeal.Core.Time;

/// <summary>
/// The moment at which the control loop runs one step. Time is always handed in; Core never asks a clock.
/// </summary>
/// <param name="MonotonicNanos">Nanoseconds of a monotonic clock since an arbitrary start; every duration in Core is a
/// difference of two of these.</param>
/// <param name="Wall">The wall clock in UTC. It only stamps records and display; it may jump and is never
/// subtracted.</param>
public readonly record struct ControlTime(long MonotonicNanos, DateTimeOffset Wall)
{
    /// <summary>Nanoseconds in a second.</summary>
    public const long NanosPerSecond = 1_000_000_000;

    /// <summary>The time passed since <paramref name="earlier"/> on the monotonic clock.</summary>
    /// <param name="earlier">A moment of the same process.</param>
    public TimeSpan Since(ControlTime earlier) => new((MonotonicNanos - earlier.MonotonicNanos) / 100);

    /// <summary>This moment moved by <paramref name="duration"/> on both clocks.</summary>
    /// <param name="duration">May be negative.</param>
    public ControlTime Plus(TimeSpan duration) => new(MonotonicNanos + (duration.Ticks * 100), Wall + duration);
}
