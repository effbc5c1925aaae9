namespace SelfHeal.UnitTests.Time;

/// <summary>
/// A clock that moves when it is told to. Wall time and monotonic time move separately, wall time may jump, and the
/// frequency is odd, so that whoever takes timestamps for ticks is found out. Timers, periodic ones too, fire inside
/// <see cref="Advance"/>, in the order of their times. Thread-safe.
/// </summary>
internal sealed class SimulatedTimeProvider : TimeProvider
{
    private const int Frequency = 7;

    private readonly Lock _lock = new();
    private readonly List<SimulatedTimer> _timers = [];
    private TimeSpan _monotonic = TimeSpan.FromHours(1);
    private DateTimeOffset _wall = new(2026, 4, 12, 3, 17, 42, TimeSpan.Zero);

    public override long TimestampFrequency => TimeSpan.TicksPerSecond * Frequency;

    /// <summary>How many timers wait.</summary>
    public int Waiting
    {
        get
        {
            lock (_lock)
                return _timers.Count(static t => t.DueAt is not null);
        }
    }

    public override long GetTimestamp()
    {
        lock (_lock)
            return _monotonic.Ticks * Frequency;
    }

    public override DateTimeOffset GetUtcNow()
    {
        lock (_lock)
            return _wall;
    }

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new SimulatedTimer(this, () => callback(state));
        lock (_lock)
            _timers.Add(timer);
        timer.Change(dueTime, period);
        return timer;
    }

    /// <summary>Moves wall time only, in either direction, as a correction by NTP does.</summary>
    public void JumpWall(TimeSpan by)
    {
        lock (_lock)
            _wall += by;
    }

    /// <summary>Moves both clocks and fires what becomes due on the way.</summary>
    public void Advance(TimeSpan by)
    {
        TimeSpan end;
        lock (_lock)
            end = _monotonic + by;
        while (TakeDue(end) is { } due)
            due.Fire();
        lock (_lock)
            MoveTo(end);
    }

    private SimulatedTimer? TakeDue(TimeSpan end)
    {
        lock (_lock)
        {
            var due = _timers.Where(t => t.DueAt <= end).MinBy(static t => t.DueAt);
            if (due?.DueAt is not { } at)
                return null;
            MoveTo(at);
            due.DueAt = due.Period > TimeSpan.Zero ? at + due.Period : null;
            return due;
        }
    }

    private void MoveTo(TimeSpan at)
    {
        if (at <= _monotonic)
            return; // A timer that was due at once, or another thread that was faster.
        _wall += at - _monotonic;
        _monotonic = at;
    }

    private sealed class SimulatedTimer(SimulatedTimeProvider owner, Action fire) : ITimer
    {
        public TimeSpan? DueAt { get; set; }

        public TimeSpan Period { get; private set; }

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            lock (owner._lock)
            {
                DueAt = dueTime == Timeout.InfiniteTimeSpan ? null : owner._monotonic + dueTime;
                Period = period;
                return true;
            }
        }

        // Outside the lock: the callback may ask the clock.
        public void Fire() => fire();

        public void Dispose()
        {
            lock (owner._lock)
            {
                DueAt = null;
                owner._timers.Remove(this);
            }
        }

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
