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
    /// <summary>
    /// The smallest limit of waiting batches: the control thread takes them at least every 50 ms, so only a stall fills
    /// it. A batch of a proxy with 12,000 series has about 64 kB, so these hold 16 MB at most.
    /// </summary>
    public const int BatchLimitMin = 256;

    // Rows of load reports and access logs: as many as the load table keeps, some 30 MB. Only a stall fills it.
    private const int TelemetryRowLimit = 200_000;

    private readonly ConcurrentQueue<ControlEvent> _events = new();
    private readonly Channel<FlushBatch> _batches;
    private readonly TelemetryQueue _telemetry = new(TelemetryRowLimit);
    private readonly Channel<byte> _wake = Channel.CreateBounded<byte>(
        new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite, SingleReader = true });

    private readonly List<ControlEvent> _taken = [];
    private readonly List<ControlEvent> _ended = [];
    private readonly List<ControlEvent> _endedMeanwhile = [];
    private readonly Counter<long> _dropped;
    private readonly Counter<long> _droppedEvents;
    private Task<bool>? _ticked;
    private Task<bool>? _woken;
    private volatile bool _isClosed;

    public ControlInbox(FlushBatchPool pool, IMeterFactory meters, int batchLimit = BatchLimitMin)
    {
        Pool = pool;
        _dropped = meters.Create("SelfHeal.Stats").CreateCounter<long>(
            "selfheal.stats.dropped_batches", description: "Stats batches dropped because the control thread was busy");
        _droppedEvents = meters.Create("SelfHeal.Traffic").CreateCounter<long>(
            "selfheal.traffic.dropped_events",
            description: "Load reports and access log messages dropped because the control thread was busy");
        _batches = Channel.CreateBounded<FlushBatch>(
            new BoundedChannelOptions(batchLimit) { FullMode = BoundedChannelFullMode.DropOldest, SingleReader = true },
            Drop);
    }

    /// <summary>Where batches come from and go back to.</summary>
    public FlushBatchPool Pool { get; }

    /// <summary>Something happened; the control thread wakes.</summary>
    /// <param name="happened">What.</param>
    public void Post(ControlEvent happened)
    {
        if (_isClosed)
            return; // The judgement has ended; the relay that posts this goes on.
        _events.Enqueue(happened);
        _wake.Writer.TryWrite(0);
    }

    /// <inheritdoc/>
    public void StreamOpened(long stream, string node, string nodeCluster, ControlTime now) =>
        Post(new ControlEvent.StatsStreamOpened(stream, node, nodeCluster));

    /// <inheritdoc/>
    public void Post(FlushBatch batch) => _batches.Writer.TryWrite(batch);

    /// <summary>A load report or an access log message came; like a batch it may be lost, and waits for the tick.
    /// </summary>
    /// <param name="happened">What.</param>
    /// <param name="rows">What it weighs.</param>
    public void PostTelemetry(ControlEvent happened, int rows)
    {
        if (_isClosed)
            return;
        var dropped = _telemetry.Add(happened, rows);
        if (dropped > 0)
            _droppedEvents.Add(dropped);
    }

    /// <summary>Nobody takes events any more: from now on they are dropped, so that they cannot pile up.</summary>
    public void Close()
    {
        _isClosed = true;
        _telemetry.Clear();
    }

    /// <summary>Moves what waits into a list: events, then batches, then the ends of streams, so that a stream's
    /// opening is before its first batch and its end after its last.</summary>
    /// <param name="inbox">Emptied and filled.</param>
    public void Drain(List<ControlEvent> inbox)
    {
        inbox.Clear();
        _taken.Clear();
        _ended.Clear();
        _ended.AddRange(_endedMeanwhile);
        _endedMeanwhile.Clear();

        // A stream posts its opening, its batches and its end in this order, also while this runs. Events are taken on
        // both sides of the batches: an end that is seen before them has its last batch among them, and every batch
        // has its opening on one of the two sides. An end that comes after them waits for the next time.
        TakeEvents(inbox, _ended);
        while (_batches.Reader.TryRead(out var batch))
            _taken.Add(batch.Received);
        while (_telemetry.TryTake(out var happened))
            _taken.Add(happened);
        TakeEvents(inbox, _endedMeanwhile);
        inbox.AddRange(_taken);
        inbox.AddRange(_ended);
    }

    /// <summary>Waits until something was posted or the time is up.</summary>
    /// <param name="tick">The time.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task WaitAsync(PeriodicTimer tick, CancellationToken cancellationToken)
    {
        // Each wait is kept until it ends: a new one per tick would pile up behind a quiet channel.
        _woken ??= _wake.Reader.WaitToReadAsync(cancellationToken).AsTask();
        _ticked ??= tick.WaitForNextTickAsync(cancellationToken).AsTask();
        await Task.WhenAny(_woken, _ticked);
        if (_ticked.IsCompleted)
        {
            await _ticked;
            _ticked = null;
        }

        if (_woken.IsCompleted)
        {
            await _woken;
            _woken = null;
            _wake.Reader.TryRead(out _);
        }
    }

    private void TakeEvents(List<ControlEvent> events, List<ControlEvent> ended)
    {
        while (_events.TryDequeue(out var happened))
        {
            var isEnd = happened is ControlEvent.StatsStreamClosed or ControlEvent.LoadStreamClosed;
            (isEnd ? ended : events).Add(happened);
        }
    }

    private void Drop(FlushBatch batch)
    {
        _dropped.Add(1);
        Pool.Return(batch);
    }
}
