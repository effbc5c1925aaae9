using SelfHeal.Core.Time;

namespace SelfHeal.Core.Series;

/// <summary>
/// Folds batches of absolute values into blocks of deltas (judgement, section 2, "Counters to blocks"). Runs on the
/// control thread only; time is handed in.
/// </summary>
public sealed partial class TelemetryFold
{
    // Nobody has to take arrivals; those beyond a few flushes of every stream are forgotten.
    private const int ArrivalsPerStream = 4;

    private readonly TelemetryOptions _options;
    private readonly long _quietNanos;
    private readonly Dictionary<long, TelemetryStream> _streamsById = [];
    private readonly List<TelemetryStream> _streams = [];
    private readonly Dictionary<string, ParkedCounters> _parked = new(StringComparer.Ordinal);
    private readonly BlockRecord[] _blocks;
    private readonly List<long> _openArrivals = [];
    private readonly List<long> _closedArrivals = [];
    private long _parkedOrder;
    private ControlTime _openStart;
    private ControlTime _openNewest;
    private ControlTime _openCoversFrom;
    private long _openExposureNanos;
    private int _openDelivered;
    private bool _openHasSamples;
    private bool _newestIsEarly;

    /// <summary>An empty fold.</summary>
    /// <param name="options">Read once.</param>
    public TelemetryFold(TelemetryOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentOutOfRangeException.ThrowIfLessThan(options.BlockCapacity, 12);
        _options = options;
        _quietNanos = options.FlushQuiet.Ticks * 100;
        _blocks = new BlockRecord[options.BlockCapacity];
        _ring = new BlockRing(options.BlockCapacity);
    }

    /// <summary>What was counted.</summary>
    public TelemetryCounters Counters { get; } = new();

    /// <summary>The newest closed block's sequence number; -1 while there is none.</summary>
    public long ClosedSequence { get; private set; } = -1;

    /// <summary>A stream said who it is.</summary>
    /// <param name="stream">A stream id that was never used before.</param>
    /// <param name="node">Envoy's node id.</param>
    /// <param name="nodeCluster">Envoy's node cluster.</param>
    /// <param name="now">The time of this step.</param>
    public void OnStreamOpened(long stream, string node, string nodeCluster, ControlTime now)
    {
        ArgumentNullException.ThrowIfNull(node);
        ArgumentNullException.ThrowIfNull(nodeCluster);
        Invariant.Assert(!_streamsById.ContainsKey(stream), "A stream id is used once");
        if (_streams.Count >= _options.StreamLimit)
        {
            Counters.RefusedStreams++;
            return;
        }

        // While an older stream of the node is still open its counters are in use: this one starts its own.
        _parked.Remove(node, out var parked);
        var opened = new TelemetryStream(stream, node, nodeCluster, _options.FlushInterval) { Resumed = parked };
        _streamsById.Add(stream, opened);
        _streams.Add(opened);
        if (_openDelivered == 0 && ClosedSequence < 0)
            _openStart = now;
    }

    /// <summary>A stream ended. What it gathered is folded, and its counters wait for the node's next stream.</summary>
    /// <param name="stream">The stream; unknown ones are ignored.</param>
    /// <param name="now">The time of this step.</param>
    public void OnStreamClosed(long stream, ControlTime now)
    {
        if (!_streamsById.Remove(stream, out var closed))
            return;
        if (closed.IsGathering)
            CompleteFlush(closed, closed.Gathered(), now);
        _streams.Remove(closed);
        Park(closed);
        CloseIfAllDelivered(now);
    }

    /// <summary>Folds a batch. The caller returns it to its pool afterwards.</summary>
    /// <param name="batch">The batch.</param>
    /// <param name="now">The time of this step; not before the batch's arrival.</param>
    public void OnBatch(FlushBatch batch, ControlTime now)
    {
        // Hot path: allocation-free in steady state.
        ArgumentNullException.ThrowIfNull(batch);
        Counters.Batches++;
        Counters.SkippedSamples += batch.SkippedSamples;
        Counters.OverflowedSamples += batch.OverflowedSamples;
        if (!_streamsById.TryGetValue(batch.Stream, out var stream))
        {
            Counters.StrayBatches++;
            return;
        }

        var lost = batch.Sequence - stream.NextSequence;
        Invariant.Assert(lost >= 0, "Batches of one stream come in order");
        stream.NextSequence = batch.Sequence + 1;
        if (stream.IsGathering && stream.GatheringMillis != batch.TimestampMillis)
            CompleteFlush(stream, stream.Gathered(), now);
        if (lost > 0)
        {
            Counters.LostBatches += lost;
            stream.NoteLoss();
        }

        if (stream.IsWholeFlush(batch))
        {
            stream.Begin(batch);
            stream.Note(batch);
            CompleteFlush(stream, FlushSamples.Of(batch), now);
            return;
        }

        var begins = !stream.IsGathering;
        if (begins)
            stream.Begin(batch);
        if (lost > 0 && (!begins || batch.PartOfFlush > 0))
            stream.IsDamaged = true;
        stream.Append(batch, _options.FlushSampleLimit);
        if (stream.IsWhole)
            CompleteFlush(stream, stream.Gathered(), now);
    }

    /// <summary>Ends flushes whose stream went quiet, and blocks that waited too long.</summary>
    /// <param name="now">The time of this step.</param>
    public void OnTick(ControlTime now)
    {
        // Hot path: allocation-free.
        for (var i = 0; i < _streams.Count; i++)
        {
            var stream = _streams[i];
            if (stream.IsGathering && now.MonotonicNanos - stream.GatheringNewest.MonotonicNanos >= _quietNanos)
                CompleteFlush(stream, stream.Gathered(), now);
        }

        var anyFlushed = false;
        var interval = long.MaxValue;
        for (var i = 0; i < _streams.Count; i++)
        {
            if (!_streams[i].HasFlushed)
                continue;
            anyFlushed = true;
            if (_streams[i].IsLive(now))
                interval = Math.Min(interval, _streams[i].IntervalNanos);
        }

        if (!anyFlushed && ClosedSequence < 0)
            return;
        if (interval == long.MaxValue)
            interval = _options.FlushInterval.Ticks * 100;
        if (now.MonotonicNanos - _openStart.MonotonicNanos > interval + (interval / 2))
            CloseBlock(now, isEarly: false);
    }

    /// <summary>
    /// Closes the open block although live streams have not delivered yet: with a thousand proxies at random phases the
    /// last one is a whole interval away, and a fault that shows in those that came need not wait for it.
    /// </summary>
    /// <param name="now">The time of this step.</param>
    /// <returns>False, and nothing is closed, where nothing was delivered, or where the block before was closed early
    /// as well: blocks keep the length of a flush.</returns>
    public bool CloseEarly(ControlTime now)
    {
        if (_openDelivered == 0 || _newestIsEarly)
            return false;
        CloseBlock(now, isEarly: true);
        return true;
    }

    private void CompleteFlush(TelemetryStream stream, in FlushSamples samples, ControlTime now)
    {
        // Hot path: allocation-free unless the flush brought new series.
        if (stream.IsDamaged)
        {
            Counters.DamagedFlushes++;
            stream.EndDamaged();
            return;
        }

        // A part that came after its flush was complete adds, and delivers nothing.
        if (stream.IsLate)
        {
            FoldLate(stream, samples);
            return;
        }

        if (stream.Delivered)
            CloseBlock(now, isEarly: false);
        var isFirst = !stream.HasFlushed;
        ResolveSeries(stream);
        if (isFirst)
            BeginFirst(stream, samples);
        var observedFrom = isFirst ? stream.Since : stream.NewestFlush;
        var coversFrom = stream.Since;
        OpenVersion++;
        if (isFirst && stream.FirstWasBaseline)
            FoldBaseline(stream, samples);
        else
            Fold(stream, samples);
        Counters.Flushes++;
        var arrival = stream.GatheringNewest;
        var observed = Math.Max(0, arrival.MonotonicNanos - observedFrom.MonotonicNanos);

        // A lost delta is lost: its time was not observed either.
        if (_options.CountersAreDeltas && stream.NewSeriesUntrusted)
            observed = Math.Min(observed, stream.IntervalNanos);
        stream.End();
        if (isFirst && stream.FirstWasBaseline)
        {
            if (_openDelivered == 0 && ClosedSequence < 0)
                _openStart = arrival;
            return;
        }

        CoverFrom(coversFrom);
        stream.Delivered = true;
        _openDelivered++;
        _openNewest = arrival;
        _openExposureNanos += observed;
        if (_openArrivals.Count + _closedArrivals.Count < ArrivalsPerStream * _options.StreamLimit)
            _openArrivals.Add(arrival.MonotonicNanos);
        CloseIfAllDelivered(now);
    }

    private void FoldLate(TelemetryStream stream, in FlushSamples samples)
    {
        ResolveSeries(stream);
        OpenVersion++;
        if (stream.FirstWasBaseline && stream.GatheringMillis == stream.FirstMillis)
        {
            FoldBaseline(stream, samples);
        }
        else
        {
            CoverFrom(stream.SinceOfNewest);
            Fold(stream, samples);
        }

        stream.EndLate();
    }

    /// <summary>Decides whether a stream's first flush continues the counters that the node's last stream
    /// left.</summary>
    private void BeginFirst(TelemetryStream stream, in FlushSamples samples)
    {
        stream.FirstMillis = stream.GatheringMillis;
        stream.FirstWasBaseline = true;
        if (stream.Resumed is not { } resumed)
            return;
        if (_options.CountersAreDeltas)
        {
            // There is nothing to go on from: what was sent between the streams is lost.
            stream.Resumed = null;
            return;
        }

        if (!IsSameProcess(stream, resumed, samples))
        {
            stream.Resumed = null;
            Counters.ProcessRestarts++;
            return;
        }

        stream.FirstWasBaseline = false;
        stream.Since = resumed.UptimeAt;
        Counters.Continuations++;
        ResumeSeries(stream, resumed, 0);
    }

    private bool IsSameProcess(TelemetryStream stream, ParkedCounters resumed, in FlushSamples samples)
    {
        var sample = stream.UptimeIndex < 0 ? -1 : samples.Indexes.IndexOf(stream.UptimeIndex);
        if (resumed.UptimeSeconds < 0 || sample < 0)
            return false;
        var elapsed = stream.GatheringNewest.MonotonicNanos - resumed.UptimeAt.MonotonicNanos;

        // A thousandth of the elapsed time allows for the two clocks' drift.
        var tolerance = (_options.UptimeTolerance.Ticks * 100) + (elapsed / 1000);
        var expected = (resumed.UptimeSeconds * ControlTime.NanosPerSecond) + elapsed;
        return Math.Abs((samples.Values[sample] * ControlTime.NanosPerSecond) - expected) <= tolerance;
    }

    private void CoverFrom(ControlTime since)
    {
        if (since.MonotonicNanos < _openCoversFrom.MonotonicNanos || !_openHasSamples)
            _openCoversFrom = since;
        _openHasSamples = true;
    }

    private void CloseIfAllDelivered(ControlTime now)
    {
        if (_openDelivered == 0)
            return;
        for (var i = 0; i < _streams.Count; i++)
        {
            if (!_streams[i].Delivered && _streams[i].IsLive(now))
                return;
        }

        CloseBlock(now, isEarly: false);
    }

    private void CloseBlock(ControlTime now, bool isEarly)
    {
        // Hot path: allocation-free.
        var live = 0;
        for (var i = 0; i < _streams.Count; i++)
        {
            live += _streams[i].Delivered || _streams[i].IsLive(now) ? 1 : 0;
            _streams[i].Delivered = false;
        }

        if (_openDelivered == 0)
            Counters.UnknownBlocks++;
        ClosedSequence++;
        _closedArrivals.AddRange(_openArrivals);
        _openArrivals.Clear();
        var end = _openDelivered > 0 ? _openNewest : now;
        var covers = _openHasSamples ? _openCoversFrom : _openStart;
        var exposure = new TimeSpan(_openExposureNanos / 100);
        _blocks[(int)(ClosedSequence % _blocks.Length)] = new BlockRecord(
            ClosedSequence, _openStart, end, exposure, _openDelivered, live, covers, isEarly);
        _ring.Close(ClosedSequence);
        _histograms.Close(ClosedSequence);
        _openStart = end;
        _openExposureNanos = 0;
        _openDelivered = 0;
        _openHasSamples = false;
        _newestIsEarly = isEarly;
    }

    private void Park(TelemetryStream closed)
    {
        if (closed.Park() is not { } counters)
            return;

        // A half-open stream may end long after its successor began or ended, and what the successor counted must not
        // be counted again from here.
        var newest = counters.UptimeAt.MonotonicNanos;
        for (var i = 0; i < _streams.Count; i++)
        {
            var isSameNode = string.Equals(_streams[i].Node, closed.Node, StringComparison.Ordinal);
            if (isSameNode && _streams[i].UptimeAt.MonotonicNanos > newest)
                return;
        }

        if (_parked.TryGetValue(closed.Node, out var held) && held.UptimeAt.MonotonicNanos > newest)
            return;
        counters.Order = _parkedOrder++;
        _parked[closed.Node] = counters;
        if (_parked.Count <= _options.ParkedLimit)
            return;
        string? oldest = null;
        var order = long.MaxValue;
        foreach (var (node, parked) in _parked)
        {
            if (parked.Order >= order)
                continue;
            order = parked.Order;
            oldest = node;
        }

        // The dictionary is over its limit, so it is not empty.
        _parked.Remove(oldest!);
    }
}
