using SelfHeal.Xds.Snapshots;

namespace SelfHeal.Sidecar.Xds;

/// <summary>
/// Paces what one group is served. The first change after a quiet time goes out at once; those that follow it closely
/// are put together and go out when the window ends, the newest only. While changes keep coming the window grows: a
/// client of Envoy's optional limit of requests (a burst of 100, then 10 a second) must have some left for its ACKs.
/// </summary>
/// <param name="time">The clock of the windows.</param>
/// <param name="publish">Serves a snapshot; called under a lock, so it only notes it and wakes.</param>
internal sealed class PublishWindow(TimeProvider time, Action<ValidatedSnapshot> publish) : IDisposable
{
    // What is written file by file, or kubectl applies object by object, comes within this; a person does not see it.
    private static readonly TimeSpan LengthMin = TimeSpan.FromMilliseconds(100);

    // Four types a push, each with its ACK, twice a second: 8 requests a second of the 10 that Envoy's limit allows.
    private static readonly TimeSpan LengthMax = TimeSpan.FromMilliseconds(500);

    private readonly Lock _lock = new();
    private TimeSpan _length = LengthMin;
    private long _openedAt;
    private bool _isOpen;
    private ValidatedSnapshot? _pending;
    private ITimer? _timer;
    private bool _isDisposed;

    /// <summary>Serves a snapshot, now or at the end of the window.</summary>
    /// <param name="snapshot">Takes the place of any that still waits.</param>
    /// <param name="isUrgent">It cannot wait: what is being served harms its clients.</param>
    public void Post(ValidatedSnapshot snapshot, bool isUrgent = false)
    {
        ArgumentNullException.ThrowIfNull(snapshot);
        lock (_lock)
        {
            if (_isDisposed)
                return;
            if (isUrgent)
            {
                // It opens no window: the change that mends the source's fault must not wait for it.
                _pending = null;
                publish(snapshot);
                return;
            }

            if (_pending is not null)
            {
                _pending = snapshot;
                return;
            }

            var left = _isOpen ? _length - time.GetElapsedTime(_openedAt) : TimeSpan.Zero;
            if (left > TimeSpan.Zero)
            {
                _pending = snapshot;
                Arm(left);
                return;
            }

            _length = LengthMin;
            Serve(snapshot);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (_lock)
        {
            _isDisposed = true;
            _pending = null;
            _timer?.Dispose();
        }
    }

    private void Arm(TimeSpan left)
    {
        _timer ??= time.CreateTimer(
            static state => ((PublishWindow)state!).OnTimer(),
            this,
            Timeout.InfiniteTimeSpan,
            Timeout.InfiniteTimeSpan);
        _timer.Change(left, Timeout.InfiniteTimeSpan);
    }

    private void OnTimer()
    {
        lock (_lock)
        {
            if (_pending is not { } snapshot)
                return;
            _pending = null;
            _length = _length * 2 < LengthMax ? _length * 2 : LengthMax;
            Serve(snapshot);
        }
    }

    private void Serve(ValidatedSnapshot snapshot)
    {
        _isOpen = true;
        _openedAt = time.GetTimestamp();
        publish(snapshot);
    }
}
