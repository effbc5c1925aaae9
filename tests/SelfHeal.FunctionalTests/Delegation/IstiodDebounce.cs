namespace SelfHeal.FunctionalTests.Delegation;

/// <summary>Holds pushes back until no further one has come for a while, and then sends them as one. Thread-safe.
/// </summary>
internal sealed class IstiodDebounce : IDisposable
{
    // Istiod's own: changes that never end are pushed all the same.
    private static readonly TimeSpan WaitMax = TimeSpan.FromSeconds(10);

    private readonly Lock _lock = new();
    private readonly TimeProvider _timeProvider;
    private readonly TimeSpan _quiet;
    private readonly Action<IstiodPush> _send;
    private readonly ITimer _timer;
    private IstiodPush? _pending;
    private long _since;

    public IstiodDebounce(TimeProvider timeProvider, TimeSpan quiet, Action<IstiodPush> send)
    {
        _timeProvider = timeProvider;
        _quiet = quiet;
        _send = send;
        _timer = timeProvider.CreateTimer(_ => Fire(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    public void Add(IstiodPush push)
    {
        lock (_lock)
        {
            if (_pending is null)
                _since = _timeProvider.GetTimestamp();
            _pending = _pending?.Merge(push) ?? push;
            var left = WaitMax - _timeProvider.GetElapsedTime(_since);
            var due = left < _quiet ? left : _quiet;
            _timer.Change(due > TimeSpan.Zero ? due : TimeSpan.Zero, Timeout.InfiniteTimeSpan);
        }
    }

    public void Dispose() => _timer.Dispose();

    private void Fire()
    {
        IstiodPush? push;
        lock (_lock)
            (push, _pending) = (_pending, null);
        if (push is not null)
            _send(push);
    }
}
