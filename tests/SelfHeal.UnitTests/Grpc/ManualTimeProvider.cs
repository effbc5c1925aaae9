namespace SelfHeal.UnitTests.Grpc;

/// <summary>
/// A clock that moves when it is told to, with an odd frequency; timers fire inside <see cref="Advance"/>.
/// </summary>
internal sealed class ManualTimeProvider : TimeProvider
{
    private readonly List<ManualTimer> _timers = [];
    private TimeSpan _now;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond * 7;

    public override long GetTimestamp() => _now.Ticks * 7;

    /// <summary>Times that a timer was armed.</summary>
    public int Armed { get; private set; }

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new ManualTimer(this, () => callback(state));
        // In the list before it counts as armed: a test may wait for that on another thread.
        _timers.Add(timer);
        timer.Change(dueTime, period);
        return timer;
    }

    public void Advance(TimeSpan by)
    {
        var end = _now + by;
        while (_timers.Where(t => t.DueAt <= end).MinBy(t => t.DueAt) is { } next)
        {
            _now = next.DueAt!.Value; // Not null: it compared as due.
            next.Fire();
        }
        _now = end;
    }

    private sealed class ManualTimer(ManualTimeProvider owner, Action fire) : ITimer
    {
        public TimeSpan? DueAt { get; private set; }

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            DueAt = dueTime == Timeout.InfiniteTimeSpan ? null : owner._now + dueTime;
            owner.Armed += DueAt is null ? 0 : 1;
            return true;
        }

        public void Fire()
        {
            DueAt = null;
            fire();
        }

        public void Dispose() => DueAt = null;

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
