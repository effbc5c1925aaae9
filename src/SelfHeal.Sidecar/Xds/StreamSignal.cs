using System.Threading.Tasks.Sources;

namespace SelfHeal.Sidecar.Xds;

/// <summary>
/// Wakes the one pump that waits for it. Asking again before it has looked says nothing new. Neither waiting nor waking
/// allocates, and a wake is one work item of the thread pool or none: a thousand streams are woken at once.
/// </summary>
internal sealed class StreamSignal : IValueTaskSource, IThreadPoolWorkItem
{
    private const int Idle = 0;
    private const int Waiting = 1;
    private const int Signalled = 2;

    private ManualResetValueTaskSourceCore<bool> _source;
    private int _state;

    /// <summary>Wakes the pump on a thread of the pool; the caller goes on at once.</summary>
    public void Set()
    {
        if (Interlocked.Exchange(ref _state, Signalled) == Waiting)
            ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
    }

    /// <summary>Wakes the pump on this thread: returns when the pump waits again, for this or for a write.</summary>
    public void SetHere()
    {
        if (Interlocked.Exchange(ref _state, Signalled) == Waiting)
            Release();
    }

    /// <summary>Waits until it is set; returns at once where it has been since the last wait. One waiter only.
    /// </summary>
    public ValueTask WaitAsync()
    {
        _source.Reset();
        if (Interlocked.CompareExchange(ref _state, Waiting, Idle) == Idle)
            return new ValueTask(this, _source.Version);
        Volatile.Write(ref _state, Idle);
        return ValueTask.CompletedTask;
    }

    void IThreadPoolWorkItem.Execute() => Release();

    void IValueTaskSource.GetResult(short token) => _source.GetResult(token);

    ValueTaskSourceStatus IValueTaskSource.GetStatus(short token) => _source.GetStatus(token);

    void IValueTaskSource.OnCompleted(
        Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _source.OnCompleted(continuation, state, token, flags);

    private void Release()
    {
        // What is set from here on makes the pump look once more.
        Volatile.Write(ref _state, Idle);
        _source.SetResult(true);
    }
}
