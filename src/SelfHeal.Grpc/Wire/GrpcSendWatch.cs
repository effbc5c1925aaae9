namespace SelfHeal.Grpc.Wire;

/// <summary>
/// Watches sends for progress: when one send has been under way for the whole timeout, the peer is not reading and the
/// call is given up. Starting and ending a send costs a timestamp and no timer call: one lazy timer looks again when
/// the oldest possible send could have expired.
/// </summary>
internal sealed class GrpcSendWatch : IDisposable
{
    private readonly TimeProvider _timeProvider;
    private readonly TimeSpan _timeout;
    private readonly Action _expired;
    private readonly ITimer _timer;
    private long _sendingSince;
    private int _armed;

    public GrpcSendWatch(TimeProvider timeProvider, TimeSpan timeout, Action expired)
    {
        _timeProvider = timeProvider;
        _timeout = timeout;
        _expired = expired;
        _timer = timeProvider.CreateTimer(
            static state => ((GrpcSendWatch)state!).OnTimer(),
            this,
            Timeout.InfiniteTimeSpan,
            Timeout.InfiniteTimeSpan);
    }

    public void Start()
    {
        // 0 means that nothing is being sent; a clock that stands at 0 is moved by one tick.
        Volatile.Write(ref _sendingSince, Math.Max(_timeProvider.GetTimestamp(), 1));
        if (Interlocked.CompareExchange(ref _armed, 1, 0) == 0)
            _timer.Change(_timeout, Timeout.InfiniteTimeSpan);
    }

    public void Stop() => Volatile.Write(ref _sendingSince, 0);

    public void Dispose() => _timer.Dispose();

    private void OnTimer()
    {
        var since = Volatile.Read(ref _sendingSince);
        if (since == 0)
        {
            Volatile.Write(ref _armed, 0);
            // A send may have started between the two lines and found the timer still armed.
            if (Volatile.Read(ref _sendingSince) == 0 || Interlocked.CompareExchange(ref _armed, 1, 0) != 0)
                return;
            _timer.Change(_timeout, Timeout.InfiniteTimeSpan);
            return;
        }
        var left = _timeout - _timeProvider.GetElapsedTime(since);
        if (left > TimeSpan.Zero)
            _timer.Change(left < TimeSpan.FromMilliseconds(1) ? TimeSpan.FromMilliseconds(1) : left,
                Timeout.InfiniteTimeSpan);
        else
            _expired();
    }
}
