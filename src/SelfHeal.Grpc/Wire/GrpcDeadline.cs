namespace SelfHeal.Grpc.Wire;

/// <summary>Fires once when the time given to a call has run out, on the monotonic clock of a time provider.</summary>
internal sealed class GrpcDeadline : IDisposable
{
    // Timers of .NET take at most 2^32 - 2 ms (49 days); a longer wait is made of several.
    private static readonly TimeSpan TimerMax = TimeSpan.FromMilliseconds(uint.MaxValue - 1);

    private readonly TimeProvider _timeProvider;
    private readonly Action _expired;
    private readonly long _startedAt;
    private readonly TimeSpan _timeout;
    private readonly ITimer _timer;

    public GrpcDeadline(TimeProvider timeProvider, TimeSpan timeout, Action expired)
    {
        _timeProvider = timeProvider;
        _timeout = timeout > TimeSpan.Zero ? timeout : TimeSpan.Zero;
        _expired = expired;
        _startedAt = timeProvider.GetTimestamp();
        _timer = timeProvider.CreateTimer(
            static state => ((GrpcDeadline)state!).OnTimer(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        Arm(_timeout);
    }

    /// <summary>What is left; zero when the deadline has passed.</summary>
    public TimeSpan Remaining
    {
        get
        {
            var left = _timeout - _timeProvider.GetElapsedTime(_startedAt);
            return left > TimeSpan.Zero ? left : TimeSpan.Zero;
        }
    }

    public void Dispose() => _timer.Dispose();

    private void Arm(TimeSpan wait) => _timer.Change(wait < TimerMax ? wait : TimerMax, Timeout.InfiniteTimeSpan);

    private void OnTimer()
    {
        var left = Remaining;
        if (left == TimeSpan.Zero)
            _expired();
        else
            // The timer may run a little ahead of the clock; never arm it for less than it can hold.
            Arm(left < TimeSpan.FromMilliseconds(1) ? TimeSpan.FromMilliseconds(1) : left);
    }
}
