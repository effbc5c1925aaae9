using SelfHeal.Core.Control;
using SelfHeal.Core.Series;
using SelfHeal.Core.Time;

namespace SelfHeal.Core.Recording;

/// <summary>
/// Reads chunks back into steps. Wrong bytes are never an exception and cost no more memory than the limits of
/// <see cref="RecordingFormat"/>: what could not be read is said by <see cref="Expected"/> and
/// <see cref="ErrorOffset"/>.
/// </summary>
public sealed class StepDecoder
{
    private const string TimeExpected =
        "a time that is not before the step before, between the years 1 and 9999";

    private readonly Dictionary<long, StreamSamples> _streams = [];
    private readonly StandingEvents _standing = new();
    private readonly CatalogShelf _shelf = new();
    private readonly SampleCodec _samples = new();
    private readonly FlushBatchPool _pool;
    private readonly Func<long, int, SeriesEntry, bool> _add;
    private readonly Func<long, int, SeriesCatalog?> _catalogOf;
    private ReadOnlyMemory<byte> _payload;
    private ControlTime _before;
    private long _step;
    private long _run;
    private long _stepSamples;
    private long _ledgerBytes;
    private int _stepBatches;
    private int _offset;

    /// <summary>A decoder that has read nothing.</summary>
    /// <param name="pool">Where batches come from.</param>
    public StepDecoder(FlushBatchPool pool)
    {
        ArgumentNullException.ThrowIfNull(pool);
        _pool = pool;
        _add = _shelf.TryAdd;
        _catalogOf = _shelf.CatalogOf;
    }

    /// <summary>What should have stood in the payload; null while nothing is wrong.</summary>
    public string? Expected { get; private set; }

    /// <summary>Where in the payload it should have stood.</summary>
    public int ErrorOffset { get; private set; }

    /// <summary>Takes the payload of a chunk of catalogs.</summary>
    /// <param name="payload">Not compressed.</param>
    /// <returns>False where it could not be read whole.</returns>
    public bool TryAddCatalogs(ReadOnlySpan<byte> payload)
    {
        Expected = null;
        var cursor = new RecordingCursor(payload);
        while (!cursor.IsBroken && !cursor.IsAtEnd)
            CatalogCodec.Read(ref cursor, _add);
        return Finish(cursor);
    }

    /// <summary>Reads the payload of a chunk of ledger entries.</summary>
    /// <param name="payload">Not compressed.</param>
    /// <param name="entries">They are added here, by sequence.</param>
    /// <returns>False where it could not be read whole.</returns>
    public bool TryReadLedger(ReadOnlySpan<byte> payload, SortedDictionary<long, byte[]> entries)
    {
        ArgumentNullException.ThrowIfNull(entries);
        Expected = null;
        var cursor = new RecordingCursor(payload);
        while (!cursor.IsBroken && !cursor.IsAtEnd)
        {
            var sequence = cursor.ZigZag();
            var entry = cursor.Bytes(RecordingFormat.ChunkLengthMax);
            if ((_ledgerBytes += entry.Length) > RecordingFormat.LedgerBytesMax)
                cursor.Fail($"at most {RecordingFormat.LedgerBytesMax} bytes of ledger entries");
            if (!cursor.IsBroken)
                entries[sequence] = entry.ToArray();
        }

        return Finish(cursor);
    }

    /// <summary>Begins a chunk of steps.</summary>
    /// <param name="header">Its header.</param>
    /// <param name="payload">Not compressed; must stay as it is until the last step was read.</param>
    /// <returns>False where what a key begins with could not be read.</returns>
    public bool TryBegin(in ChunkHeader header, ReadOnlyMemory<byte> payload)
    {
        Expected = null;
        _payload = payload;
        _offset = 0;
        _before = header.First;
        _step = 0;
        _run = 0;
        if (!header.IsKey)
            return true;
        var cursor = new RecordingCursor(payload.Span);
        ReadKey(ref cursor);
        _offset = cursor.Offset;
        return Finish(cursor);
    }

    /// <summary>What a loop that begins at this key must be told first, in order.</summary>
    /// <param name="events">They are added here.</param>
    public void AddStateTo(List<ControlEvent> events)
    {
        ArgumentNullException.ThrowIfNull(events);
        _standing.AddFirstTo(events);
        foreach (var (id, stream) in _streams)
        {
            events.Add(new ControlEvent.StatsStreamOpened(id, stream.Node, stream.NodeCluster));

            // The new loop has missed the batches before, but that is no loss on the way to it.
            stream.FirstSequence = stream.NextSequence;
        }

        _standing.AddRoutesTo(events);
    }

    /// <summary>Reads the next step of the chunk.</summary>
    /// <param name="step">Emptied by the caller; filled.</param>
    /// <returns>False at the end, and where something could not be read; then <see cref="Expected"/> says what.
    /// </returns>
    public bool TryRead(RecordedStep step)
    {
        // Hot path: allocation-free while nothing but batches of known series comes.
        ArgumentNullException.ThrowIfNull(step);
        if (_run > 0)
        {
            _run--;
            if (TryMove(_step, 0, step))
                return true;
            Expected = TimeExpected;
            ErrorOffset = _offset;
            return false;
        }

        if (Expected is not null || _offset >= _payload.Length)
            return false;
        var cursor = new RecordingCursor(_payload.Span[_offset..]);
        var code = cursor.Byte();
        switch (code)
        {
            case StepCode.Run:
                _run = cursor.Count(RecordingFormat.RunMax, "steps in a run");
                if (_run == 0)
                    cursor.Fail("at least one step in a run");
                break;
            case StepCode.Empty or StepCode.Full:
                _step = unchecked(_step + cursor.Nanos());
                var skew = cursor.ZigZag();
                if (!cursor.IsBroken && !TryMove(_step, skew, step))
                    cursor.Fail(TimeExpected);
                break;
            default:
                cursor.Fail("a step of a kind from 1 to 3");
                break;
        }

        if (code == StepCode.Full)
            ReadContent(ref cursor, step);
        var start = _offset;
        _offset += cursor.Offset;
        if (!Finish(cursor, start))
            return false;
        return code != StepCode.Run || TryRead(step);
    }

    private bool TryMove(long nanos, long skew, RecordedStep step)
    {
        var ticks = unchecked(_before.Wall.UtcTicks + (nanos / 100) + skew);
        var monotonic = unchecked(_before.MonotonicNanos + nanos);
        if (nanos < 0 || monotonic < _before.MonotonicNanos
            || ticks < DateTimeOffset.MinValue.Ticks || ticks > DateTimeOffset.MaxValue.Ticks)
        {
            _run = 0;
            return false;
        }

        _before = new ControlTime(monotonic, new DateTimeOffset(ticks, TimeSpan.Zero));
        step.Now = _before;
        return true;
    }

    private void ReadContent(ref RecordingCursor cursor, RecordedStep step)
    {
        var events = cursor.Count(RecordingFormat.StepEventsMax, "events");
        _stepBatches = 0;
        _stepSamples = 0;
        for (var i = 0; i < events && !cursor.IsBroken; i++)
        {
            var kind = cursor.Byte();
            if (kind == EventCodec.Stats)
            {
                ReadBatch(ref cursor, step);
                continue;
            }

            if (EventCodec.Read(kind, ref cursor, out var unrecorded) is { } happened)
            {
                step.Events.Add(happened);
                Follow(happened);
                if (_streams.Count > RecordingFormat.StreamsMax || _standing.Count > RecordingFormat.StreamsMax)
                    cursor.Fail($"at most {RecordingFormat.StreamsMax} open streams, proxies and routes");
            }
            else if (unrecorded is not null)
            {
                step.Unrecorded.Add(unrecorded);
            }
        }

        var effects = cursor.Count(RecordingFormat.StepEventsMax, "effects");
        for (var i = 0; i < effects && !cursor.IsBroken; i++)
        {
            if (EffectCodec.Read(ref cursor) is { } effect)
                step.Effects.Add(effect);
        }
    }

    private void ReadBatch(ref RecordingCursor cursor, RecordedStep step)
    {
        var id = cursor.ZigZag();
        if (!_streams.TryGetValue(id, out var stream))
        {
            cursor.Fail("a batch of a stream that is open");
            return;
        }

        var batch = _pool.Rent();
        if (_samples.TryRead(ref cursor, batch, id, stream, step.Now, _catalogOf))
        {
            _stepSamples += batch.Count + batch.HistogramIndexes.Length;
            if (++_stepBatches > RecordingFormat.StepBatchesMax || _stepSamples > RecordingFormat.StepSamplesMax)
            {
                cursor.Fail($"at most {RecordingFormat.StepBatchesMax} batches and "
                    + $"{RecordingFormat.StepSamplesMax} samples in a step");
            }

            step.Events.Add(batch.Received);
            return;
        }

        _pool.Return(batch);
        step.NamelessBatches += cursor.IsBroken ? 0 : 1;
    }

    private void Follow(ControlEvent happened)
    {
        switch (happened)
        {
            case ControlEvent.StatsStreamOpened opened:
                _streams[opened.Stream] = new StreamSamples(opened.Node, opened.NodeCluster);
                break;
            case ControlEvent.StatsStreamClosed closed:
                _streams.Remove(closed.Stream);
                _shelf.Remove(closed.Stream);
                break;
            default:
                _standing.Follow(happened);
                break;
        }
    }

    private void ReadKey(ref RecordingCursor cursor)
    {
        _standing.Read(ref cursor);
        var before = new Dictionary<long, StreamSamples>(_streams);
        _streams.Clear();
        var streams = cursor.Count(RecordingFormat.StreamsMax, "streams");
        for (var i = 0; i < streams && !cursor.IsBroken; i++)
        {
            var id = cursor.ZigZag();
            var stream = new StreamSamples(cursor.Text(), cursor.Text()) { NextSequence = cursor.ZigZag() };
            stream.SeriesCount = cursor.Count(RecordingFormat.SeriesMax, "series");
            stream.FirstSequence = before.GetValueOrDefault(id)?.FirstSequence ?? 0;
            _streams[id] = stream;
        }
    }

    private bool Finish(in RecordingCursor cursor, int start = 0)
    {
        Expected = cursor.Expected;
        ErrorOffset = start + cursor.Offset;
        return Expected is null;
    }
}
