namespace SelfHeal.Core.Series;

/// <content>From a flush's samples to the open block.</content>
public sealed partial class TelemetryFold
{
    private readonly Dictionary<(StatScope Scope, string Name), int> _scopeIds = [];
    private readonly List<ScopeEntry> _scopes = [];
    private readonly ScopeList[] _scopesOfKind = NewLists();
    private readonly HashSet<string> _knownClusters = new(StringComparer.Ordinal);
    private readonly BlockRing _ring;
    private readonly HistogramRing _histograms = new();

    /// <summary>By scope id: the slot of the scope's first stat, less that stat's number.</summary>
    private int[] _slotBase = new int[64];

    private void Fold(TelemetryStream stream, in FlushSamples samples)
    {
        // Hot path: allocation-free.
        var indexes = samples.Indexes;
        var values = samples.Values[..indexes.Length];
        var series = stream.Series;
        var open = _ring.Open;
        var reported = _ring.OpenReported;
        var deltas = _options.CountersAreDeltas;
        var fell = 0;
        for (var i = 0; i < indexes.Length; i++)
        {
            ref var one = ref series[indexes[i]];
            var value = values[i];
            var target = one.Target;
            if (target < 0)
            {
                FoldOther(stream, indexes[i], ref one, value);
                continue;
            }

            // Adding 0 costs less than asking whether to.
            reported[one.Scope] = 1;
            var delta = value - one.Last;
            one.Last = value;
            if (delta < 0)
                fell++;
            else if (!deltas)
                open[target] += delta;
            if (deltas && value > 0)
                open[target] += value;
        }

        if (!deltas)
            Counters.CounterEpochs += fell;
        if (stream.Contradicts(deltas, fell))
            Counters.ContradictedFlushes++;
        FoldHistograms(stream, samples);
    }

    /// <summary>A gauge, or a counter's first sample: it counts from 0 unless a batch was lost just before.</summary>
    private void FoldOther(TelemetryStream stream, int index, ref StreamSeries one, long value)
    {
        if (index == stream.UptimeIndex)
            stream.TakeUptime(value);
        if (one.Scope < 0)
            return;
        _ring.OpenReported[one.Scope] = 1;
        if (one.IsGauge)
        {
            _ring.SetGauge(one.Slot, StatCatalog.CombineOf(StatAt(one)), value);
            return;
        }

        one.MarkSeen(value);
        if (stream.NewSeriesUntrusted && !_options.CountersAreDeltas)
            Counters.UntrustedSeries++;
        else if (value < 0)
            Counters.CounterEpochs++;
        else
            _ring.Open[one.Slot] += value;
    }

    /// <summary>The interval before a baseline is unknown, so its histograms count for nothing.</summary>
    private static void FoldBaseline(TelemetryStream stream, in FlushSamples samples)
    {
        var series = stream.Series;
        for (var i = 0; i < samples.Indexes.Length; i++)
        {
            ref var one = ref series[samples.Indexes[i]];
            if (samples.Indexes[i] == stream.UptimeIndex)
                stream.TakeUptime(samples.Values[i]);
            if (one.Scope >= 0 && !one.IsGauge)
                one.MarkSeen(samples.Values[i]);
        }
    }

    /// <summary>What each proxy's interval added is summed; a histogram's stat is the number of its values.</summary>
    private void FoldHistograms(TelemetryStream stream, in FlushSamples samples)
    {
        for (var i = 0; i < samples.HistogramIndexes.Length; i++)
        {
            ref var one = ref stream.Series[samples.HistogramIndexes[i]];
            if (one.Scope < 0)
                continue;
            var scope = _scopes[one.Scope];
            if (scope.Histogram < 0)
                scope.Histogram = _histograms.Add();
            var counts = samples.HistogramCounts.Slice(
                i * FlushBatch.HistogramBuckets, FlushBatch.HistogramBuckets);
            _ring.Open[one.Slot] += _histograms.Fold(scope.Histogram, counts);
            _ring.OpenReported[one.Scope] = 1;
        }
    }

    /// <summary>Gives every series that the catalog has gained its scope and slot.</summary>
    private void ResolveSeries(TelemetryStream stream)
    {
        if (stream.Catalog is not { } catalog || stream.SeriesCount >= stream.CatalogCount)
            return;
        var first = stream.SeriesCount;
        while (stream.SeriesCount < stream.CatalogCount)
        {
            var entry = catalog[stream.SeriesCount];
            var stat = entry.Key.Stat;
            var scope = ScopeOf(entry);
            var slot = scope < 0 ? 0 : _slotBase[scope] + (int)stat;
            stream.AddSeries(
                scope < 0 ? StreamSeries.Refused()
                : StatCatalog.IsGauge(stat) ? StreamSeries.Gauge(scope, slot)
                : StreamSeries.Counter(scope, slot),
                stat == Stat.Uptime);
        }

        if (stream.Resumed is { } resumed && stream.HasFlushed)
            ResumeSeries(stream, resumed, first);
    }

    /// <summary>Takes over what the node's last stream knew of the series from an index on.</summary>
    private static void ResumeSeries(TelemetryStream stream, ParkedCounters resumed, int from)
    {
        for (var index = from; index < stream.SeriesCount; index++)
        {
            ref var one = ref stream.Series[index];
            if (one.Scope >= 0 && !one.IsGauge && resumed.TryGetLast(index, stream.Catalog![index], out var last))
                one.MarkSeen(last);
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
            if (id == _slotBase.Length)
                Array.Resize(ref _slotBase, id * 2);
            _slotBase[id] = _ring.AddScope(StatCatalog.CountOf(key.Scope)) - (int)StatCatalog.FirstOf(key.Scope);
            _scopes.Add(new ScopeEntry(key.Scope, key.Name));
            _scopeIds.Add(key, id);
        }

        if (!entry.Ambiguous || _knownClusters.Contains(key.Name))
            Confirm(id);
        return id;
    }

    private void Confirm(int id)
    {
        var scope = _scopes[id];
        if (scope.IsConfirmed)
            return;
        scope.IsConfirmed = true;
        _scopesOfKind[(int)scope.Kind].Add(id);
    }

    private Stat StatAt(in StreamSeries one) => (Stat)(one.Slot - _slotBase[one.Scope]);

    private static ScopeList[] NewLists()
    {
        var lists = new ScopeList[(int)StatScope.Server + 1];
        for (var i = 0; i < lists.Length; i++)
            lists[i] = new ScopeList();
        return lists;
    }

    private sealed class ScopeEntry(StatScope kind, string name)
    {
        public StatScope Kind { get; } = kind;

        public string Name { get; } = name;

        /// <summary>Whether a stat proved that the scope exists (see <see cref="StatName.Ambiguous"/>).</summary>
        public bool IsConfirmed { get; set; }

        /// <summary>The scope's histogram in the ring; -1 until one came.</summary>
        public int Histogram { get; set; } = -1;
    }

    private sealed class ScopeList
    {
        private int[] _ids = new int[16];
        private int _count;

        public ReadOnlySpan<int> Ids => _ids.AsSpan(0, _count);

        public void Add(int id)
        {
            if (_count == _ids.Length)
                Array.Resize(ref _ids, _count * 2);
            _ids[_count++] = id;
        }
    }
}
