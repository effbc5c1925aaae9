using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Threading.Channels;
using SelfHeal.Core.Control;
using SelfHeal.Core.Series;
using SelfHeal.Core.Time;

namespace SelfHeal.Sidecar.Judgement;

/// <summary>
/// What the control thread has not seen yet. Telemetry is bounded and loses its oldest batches when the thread is busy:
/// telemetry may be lost, memory may not. Everything else is a consequence of configuration or of the loop's own
/// effects, comes a few times a second at most, and is never dropped.
/// </summary>
internal sealed class ControlInbox : IFlushSink
{
    // Two flushes of a hundred proxies: the control thread takes them at least every 50 ms, so only a stall fills it.
    private const int BatchLimit = 256;

    private readonly ConcurrentQueue<ControlEvent> _events = new();
    private readonly Channel<FlushBatch> _batches;
    private readonly Channel<byte> _wake = Channel.CreateBounded<byte>(
        new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite, SingleReader = true });

    private readonly Counter<long> _dropped;

    public ControlInbox(FlushBatchPool pool, IMeterFactory meters)
    {
        Pool = pool;
        _dropped = meters.Create("SelfHeal.Stats").CreateCounter<long>(
            "selfheal.stats.dropped_batches", description: "Stats batches dropped because the control thread was busy");
        _batches = Channel.CreateBounded<FlushBatch>(
            new BoundedChannelOptions(BatchLimit) { FullMode = BoundedChannelFullMode.DropOldest, SingleReader = true },
            Drop);
    }

    /// <summary>Where batches come from and go back to.</summary>
    public FlushBatchPool Pool { get; }

    /// <summary>Something happened; the control thread wakes.</summary>
    /// <param name="happened">What.</param>
    public void Post(ControlEvent happened)
    {
        _events.Enqueue(happened);
        _wake.Writer.TryWrite(0);
    }

    /// <inheritdoc/>
    public void StreamOpened(long stream, string node, string nodeCluster, ControlTime now) =>
        Post(new ControlEvent.StatsStreamOpened(stream, node, nodeCluster));

    /// <inheritdoc/>
    public void Post(FlushBatch batch) => _batches.Writer.TryWrite(batch);

    /// <summary>Moves everything that waits into a list. A stream's opening is always before its first batch.</summary>
    /// <param name="inbox">Filled in the order of arrival, batches last.</param>
    public void Drain(List<ControlEvent> inbox)
    {
        // Batches are taken out first and put in last: a stream that is opened in between has its opening in front.
        var first = inbox.Count;
        while (_batches.Reader.TryRead(out var batch))
            inbox.Add(batch.Received);
        var batches = inbox.Count - first;
        while (_events.TryDequeue(out var happened))
            inbox.Add(happened);
        if (batches == 0 || inbox.Count == first + batches)
            return;
        var moved = inbox.GetRange(first, batches);
        inbox.RemoveRange(first, batches);
        inbox.AddRange(moved);
    }

    /// <summary>Waits until something was posted or the time is up.</summary>
    /// <param name="tick">The time.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task WaitAsync(PeriodicTimer tick, CancellationToken cancellationToken)
    {
        var woken = _wake.Reader.WaitToReadAsync(cancellationToken).AsTask();
        var ticked = _ticked ??= tick.WaitForNextTickAsync(cancellationToken).AsTask();
        if (await Task.WhenAny(woken, ticked) == ticked)
            _ticked = null;
        _wake.Reader.TryRead(out _);
    }

    private Task<bool>? _ticked;

    private void Drop(FlushBatch batch)
    {
        _dropped.Add(1);
        Pool.Return(batch);
    }
}
