using SelfHeal.Core.Time;

namespace SelfHeal.Core.Series;

/// <summary>
/// Folds batches of absolute values into blocks of deltas (judgement, section 2, "Counters to blocks"). Runs on the
/// control thread only; time is handed in.
/// </summary>
public sealed partial class TelemetryFold
{
    private readonly TelemetryOptions _options;
    private readonly long _quietNanos;
    private readonly Dictionary<long, TelemetryStream> _streamsById = [];
    private readonly List<TelemetryStream> _streams = [];
    private readonly Dictionary<string, NodeCounters> _parked = new(StringComparer.Ordinal);
    private readonly Dictionary<(StatScope Scope, string Name), int> _scopeIds = [];
    private readonly List<ScopeSeries> _scopes = [];
    private readonly BlockRecord[] _blocks;
    private int[] _clusters = new int[64];
    private int _clusterCount;
    private long _parkedOrder;
    private ControlTime _openStart;
    private ControlTime _openNewest;
    private long _openExposureNanos;
    private int _openDelivered;

    /// <summary>An empty fold.</summary>
    /// <param name="options">Read once.</param>
    public TelemetryFold(TelemetryOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentOutOfRangeException.ThrowIfLessThan(options.BlockCapacity, 12);
        _options = options;
        _quietNanos = options.FlushQuiet.Ticks * 100;
        _blocks = new BlockRecord[options.BlockCapacity];
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
        // Counters that grew over many reconnects beyond what one flush may hold are given up.
        if (!_parked.Remove(node, out var counters) || counters.Count > _options.FlushSampleLimit)
            counters = new NodeCounters();
        var opened = new TelemetryStream(stream, node, nodeCluster, counters, _options.FlushInterval);
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
            CompleteFlush(closed, now);
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
            CompleteFlush(stream, now);
        if (lost > 0)
        {
            Counters.LostBatches += lost;
            stream.NewSeriesUntrusted = true;
        }

        var begins = !stream.IsGathering;
        if (begins)
            stream.Begin(batch);
        if (lost > 0 && (!begins || batch.PartOfFlush > 0))
            stream.IsDamaged = true;
        stream.Append(batch, _options.FlushSampleLimit);
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
                CompleteFlush(stream, now);
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
            CloseBlock(now);
    }

    private void CompleteFlush(TelemetryStream stream, ControlTime now)
    {
        if (stream.IsDamaged)
        {
            Counters.DamagedFlushes++;
            stream.End(folded: false);
            return;
        }

        // A part that came after the quiet time belongs to a flush that is folded already: it adds, and delivers
        // nothing.
        var isLate = stream.HasFlushed && stream.GatheringMillis != 0 && stream.GatheringMillis == stream.NewestMillis;
        if (!isLate && stream.Delivered)
            CloseBlock(now);

        var isFirst = !stream.HasFlushed;
        if (isFirst)
            BeginFirst(stream);
        var baselineOnly = stream.FirstWasBaseline
            && (isFirst || (isLate && stream.GatheringMillis == stream.FirstMillis));
        var since = stream.HasFlushed ? stream.NewestFlush : stream.Counters.UptimeAt;
        Fold(stream, baselineOnly);
        if (isLate)
        {
            stream.End(folded: false);
            return;
        }

        Counters.Flushes++;
        stream.NewSeriesUntrusted = false;
        var arrival = stream.GatheringNewest;
        stream.End(folded: true);
        if (baselineOnly)
        {
            if (_openDelivered == 0 && ClosedSequence < 0)
                _openStart = arrival;
            return;
        }

        stream.Delivered = true;
        _openDelivered++;
        _openNewest = arrival;
        _openExposureNanos += Math.Max(0, arrival.MonotonicNanos - since.MonotonicNanos);
        CloseIfAllDelivered(now);
    }

    /// <summary>Decides whether a stream's first flush continues the counters that the node's last stream
    /// left.</summary>
    private void BeginFirst(TelemetryStream stream)
    {
        stream.FirstMillis = stream.GatheringMillis;
        stream.FirstWasBaseline = true;
        var counters = stream.Counters;
        if (!counters.IsParked)
            return;
        counters.IsParked = false;
        ResolvePlaces(stream);
        if (IsSameProcess(stream))
        {
            stream.FirstWasBaseline = false;
            Counters.Continuations++;
            return;
        }

        Counters.ProcessRestarts++;
        counters.Restart();
        stream.ForgetPlaces();
    }

    private bool IsSameProcess(TelemetryStream stream)
    {
        var counters = stream.Counters;
        if (counters.UptimeSeconds < 0)
            return false;
        for (var i = 0; i < stream.Count; i++)
        {
            if (counters.Stat(stream.PlaceOf(stream.IndexAt(i))) != Stat.Uptime)
                continue;
            var elapsed = stream.GatheringNewest.MonotonicNanos - counters.UptimeAt.MonotonicNanos;

            // A thousandth of the elapsed time allows for the two clocks' drift.
            var tolerance = (_options.UptimeTolerance.Ticks * 100) + (elapsed / 1000);
            var expected = (counters.UptimeSeconds * ControlTime.NanosPerSecond) + elapsed;
            return Math.Abs((stream.ValueAt(i) * ControlTime.NanosPerSecond) - expected) <= tolerance;
        }

        return false;
    }

    private void Fold(TelemetryStream stream, bool baselineOnly)
    {
        // Hot path: allocation-free unless the flush brought new series.
        ResolvePlaces(stream);
        var counters = stream.Counters;
        for (var i = 0; i < stream.Count; i++)
        {
            var place = stream.PlaceOf(stream.IndexAt(i));
            var value = stream.ValueAt(i);
            var stat = counters.Stat(place);
            if (stat == Stat.Uptime)
            {
                counters.UptimeSeconds = value;
                counters.UptimeAt = stream.GatheringNewest;
            }

            if (counters.Scope(place) < 0)
                continue;
            var scope = _scopes[counters.Scope(place)];
            if (!StatCatalog.IsGauge(stat))
                FoldCounter(stream, scope, stat, place, value, baselineOnly);
            else if (!baselineOnly)
                scope.SetGauge(stat, value);
            if (!baselineOnly)
                scope.MarkReported();
        }
    }

    private void FoldCounter(
        TelemetryStream stream, ScopeSeries scope, Stat stat, int place, long value, bool baselineOnly)
    {
        ref var last = ref stream.Counters.Last(place);
        ref var seen = ref stream.Counters.Seen(place);
        var from = seen ? last : 0;
        var isUntrusted = !seen && stream.NewSeriesUntrusted;
        seen = true;
        last = value;
        if (baselineOnly)
            return;
        if (isUntrusted)
        {
            Counters.UntrustedSeries++;
            return;
        }

        if (value < from)
        {
            Counters.CounterEpochs++;
            return;
        }

        scope.AddDelta(stat, value - from);
    }

    /// <summary>Gives every series that the catalog has gained a place and a scope.</summary>
    private void ResolvePlaces(TelemetryStream stream)
    {
        var catalog = stream.Catalog;
        if (catalog is null)
            return;
        var highest = -1;
        for (var i = 0; i < stream.Count; i++)
            highest = Math.Max(highest, stream.IndexAt(i));
        for (var index = stream.PlacesKnown; index <= highest; index++)
        {
            var entry = catalog[index];
            stream.AddPlace(stream.Counters.Place(entry, ScopeOf(entry)));
        }
    }

    private int ScopeOf(SeriesEntry entry)
    {
        var key = (entry.Key.Scope, entry.Key.Name);
        if (!_scopeIds.TryGetValue(key, out var id))
        {
            if (_scopes.Count >= _options.ScopeLimit)
            {
                Counters.RefusedSeries++;
                return -1;
            }

            id = _scopes.Count;
            _scopes.Add(new ScopeSeries(key.Scope, key.Name, _options.BlockCapacity));
            _scopeIds.Add(key, id);
        }

        var scope = _scopes[id];
        if (!entry.Ambiguous && !scope.IsConfirmed)
        {
            scope.IsConfirmed = true;
            if (key.Scope == StatScope.Cluster)
            {
                if (_clusterCount == _clusters.Length)
                    Array.Resize(ref _clusters, _clusterCount * 2);
                _clusters[_clusterCount++] = id;
            }
        }

        return id;
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

        CloseBlock(now);
    }

    private void CloseBlock(ControlTime now)
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
        var slot = (int)(ClosedSequence % _blocks.Length);
        var end = _openDelivered > 0 ? _openNewest : now;
        var exposure = new TimeSpan(_openExposureNanos / 100);
        _blocks[slot] = new BlockRecord(ClosedSequence, _openStart, end, exposure, _openDelivered, live);
        for (var i = 0; i < _scopes.Count; i++)
            _scopes[i].Close(slot);
        _openStart = end;
        _openExposureNanos = 0;
        _openDelivered = 0;
    }

    private void Park(TelemetryStream closed)
    {
        if (!closed.HasFlushed && !closed.Counters.IsParked)
            return;

        // A half-open stream may end long after its successor began or ended, and what the successor counted must not
        // be counted again from here.
        var newest = closed.Counters.UptimeAt.MonotonicNanos;
        for (var i = 0; i < _streams.Count; i++)
        {
            var isSameNode = string.Equals(_streams[i].Node, closed.Node, StringComparison.Ordinal);
            if (isSameNode && _streams[i].Counters.UptimeAt.MonotonicNanos > newest)
                return;
        }

        if (_parked.TryGetValue(closed.Node, out var held) && held.UptimeAt.MonotonicNanos > newest)
            return;
        closed.Counters.IsParked = true;
        closed.Counters.ParkedOrder = _parkedOrder++;
        _parked[closed.Node] = closed.Counters;
        if (_parked.Count <= _options.ParkedLimit)
            return;
        string? oldest = null;
        var order = long.MaxValue;
        foreach (var (node, counters) in _parked)
        {
            if (counters.ParkedOrder >= order)
                continue;
            order = counters.ParkedOrder;
            oldest = node;
        }

        // The dictionary is over its limit, so it is not empty.
        _parked.Remove(oldest!);
    }
}
