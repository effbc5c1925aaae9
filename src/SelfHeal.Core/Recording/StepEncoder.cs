using SelfHeal.Core.Control;
using SelfHeal.Core.Records;
using SelfHeal.Core.Time;

namespace SelfHeal.Core.Recording;

/// <summary>
/// Writes steps of a control loop into chunks. Runs on the control thread, beside the loop: it makes no decision, does
/// no I/O, and follows the streams also while nobody takes what it writes, so that a key can be written at any time.
/// </summary>
public sealed class StepEncoder
{
    private readonly Dictionary<long, StreamSamples> _streams = [];
    private readonly StandingEvents _standing = new();
    private readonly Dictionary<long, LedgerRecord> _asked = [];
    private readonly List<LedgerRecord> _appended = [];
    private readonly SampleCodec _samples = new();
    private RecordedChunk? _chunk;
    private ControlTime _before;
    private long _step;
    private int _run;
    private long _sequence;
    private long _stepSamples;
    private int _stepBatches;

    /// <summary>The chunk that is being written; null while steps are only followed.</summary>
    public RecordedChunk? Chunk => _chunk;

    /// <summary>Events that could only be recorded by name, or not at all.</summary>
    public long UnrecordedEvents { get; private set; }

    /// <summary>Begins a chunk.</summary>
    /// <param name="chunk">Emptied and filled until <see cref="End"/>.</param>
    /// <param name="first">The time of its first step.</param>
    /// <param name="isKey">Whether it must be readable without the chunks before; the first one, and one behind a gap,
    /// always are.</param>
    /// <param name="ledgerOfNewFile">When a new file begins with it: the entries before.</param>
    /// <param name="droppedSteps">Steps since the chunk before that nobody took.</param>
    public void Begin(
        RecordedChunk chunk,
        ControlTime first,
        bool isKey,
        IReadOnlyList<LedgerRecord>? ledgerOfNewFile = null,
        uint droppedSteps = 0)
    {
        ArgumentNullException.ThrowIfNull(chunk);
        Invariant.Assert(_chunk is null, "a chunk begins after the one before has ended");
        chunk.Clear();
        chunk.IsKey = isKey || droppedSteps > 0 || ledgerOfNewFile is not null;
        chunk.Sequence = _sequence++;
        chunk.First = first;
        chunk.LedgerOfNewFile = ledgerOfNewFile;
        chunk.DroppedSteps = droppedSteps;
        _chunk = chunk;
        _before = first;
        _step = 0;
        _run = 0;
        chunk.Appended.AddRange(_appended);
        _appended.Clear();
        if (chunk.IsKey)
            WriteKey(chunk, isNewFile: ledgerOfNewFile is not null);
    }

    /// <summary>One step, after the control loop ran it and before its batches go back to their pool.</summary>
    /// <param name="now">The time of the step.</param>
    /// <param name="inbox">What the loop was told.</param>
    /// <param name="outbox">What the loop asked for.</param>
    public void Add(ControlTime now, ReadOnlySpan<ControlEvent> inbox, IReadOnlyList<ControlEffect> outbox)
    {
        // Hot path: allocation-free while nothing but batches of known series comes.
        ArgumentNullException.ThrowIfNull(outbox);
        var effects = 0;
        for (var i = 0; i < outbox.Count; i++)
        {
            effects += EffectCodec.IsRecorded(outbox[i]) ? 1 : 0;
            if (outbox[i] is ControlEffect.AppendRecord append)
                _asked[append.Record.Sequence] = append.Record;
        }

        if (_chunk is { } chunk)
            WriteTime(chunk, now, isEmpty: inbox.IsEmpty && effects == 0);
        if (inbox.IsEmpty && effects == 0)
            return;
        _stepBatches = 0;
        _stepSamples = 0;
        _chunk?.Buffer.Varint((ulong)inbox.Length);
        foreach (var happened in inbox)
            Add(now, happened);
        if (_chunk is null)
            return;
        _chunk.Buffer.Varint((ulong)effects);
        _chunk.HasEffects |= effects > 0;
        for (var i = 0; effects > 0 && i < outbox.Count; i++)
        {
            if (EffectCodec.IsRecorded(outbox[i]))
                EffectCodec.Write(_chunk.Buffer, outbox[i]);
        }
    }

    /// <summary>Ends the chunk.</summary>
    /// <returns>The chunk, complete.</returns>
    public RecordedChunk End()
    {
        Invariant.Assert(_chunk is not null, "a chunk ends after it has begun");
        var chunk = _chunk;
        EndRun(chunk);
        _chunk = null;
        return chunk;
    }

    private void Add(ControlTime now, ControlEvent happened)
    {
        switch (happened)
        {
            case ControlEvent.StatsReceived received:
                AddBatch(now, received);
                return;
            case ControlEvent.StatsStreamOpened opened:
                _streams[opened.Stream] = new StreamSamples(opened.Node, opened.NodeCluster);
                break;
            case ControlEvent.StatsStreamClosed closed:
                _streams.Remove(closed.Stream);
                break;
            case ControlEvent.RecordAppended appended when _asked.Remove(appended.Sequence, out var record):
                (_chunk?.Appended ?? _appended).Add(record);
                break;
            case ControlEvent.RecordRefused refused:
                _asked.Remove(refused.Sequence);
                break;
        }

        _standing.Follow(happened);
        if (!EventCodec.Kinds.ContainsKey(happened.GetType()))
            UnrecordedEvents++;
        if (_chunk is not null)
            EventCodec.Write(_chunk.Buffer, happened);
    }

    private void AddBatch(ControlTime now, ControlEvent.StatsReceived received)
    {
        // Hot path: allocation-free while no series is new.
        var batch = received.Batch;
        _stepBatches++;
        _stepSamples += batch.Count + batch.HistogramIndexes.Length;
        if (!SampleCodec.CanWrite(batch)
            || _stepBatches > RecordingFormat.StepBatchesMax || _stepSamples > RecordingFormat.StepSamplesMax
            || !_streams.TryGetValue(batch.Stream, out var stream))
        {
            // Too much of it, or of no stream that was opened: the loop counts that as stray and reads nothing of it.
            UnrecordedEvents++;
            if (_chunk is null)
                return;
            _chunk.Buffer.Byte(EventCodec.Unrecorded);
            _chunk.Buffer.Text(nameof(ControlEvent.StatsReceived));
            return;
        }

        stream.Catalog = batch.Catalog;
        stream.SeriesCount = batch.SeriesCount;
        if (_chunk is not { } chunk)
        {
            stream.NextSequence = batch.Sequence + 1;
            return;
        }

        if (stream.SeriesWritten < batch.SeriesCount)
        {
            chunk.Growth.Add(
                new CatalogGrowth(batch.Stream, batch.Catalog, stream.SeriesWritten, batch.SeriesCount));
            stream.SeriesWritten = batch.SeriesCount;
        }

        chunk.Buffer.Byte(EventCodec.Stats);
        _samples.Write(chunk.Buffer, batch, stream, now);
    }

    private void WriteTime(RecordedChunk chunk, ControlTime now, bool isEmpty)
    {
        var step = now.MonotonicNanos - _before.MonotonicNanos;
        var skew = now.Wall.UtcTicks - _before.Wall.UtcTicks - (step / 100);
        chunk.LastNanos = now.MonotonicNanos;
        chunk.Steps++;
        if (isEmpty && step == _step && skew == 0 && _run < RecordingFormat.RunMax)
        {
            _run++;
            _before = now;
            return;
        }

        EndRun(chunk);
        chunk.Buffer.Byte(isEmpty ? StepCode.Empty : StepCode.Full);
        chunk.Buffer.Nanos(step - _step);
        chunk.Buffer.ZigZag(skew);
        _step = step;
        _before = now;
    }

    private void EndRun(RecordedChunk chunk)
    {
        if (_run == 0)
            return;
        chunk.Buffer.Byte(StepCode.Run);
        chunk.Buffer.Varint((ulong)_run);
        _run = 0;
    }

    /// <summary>All that a reader must know of what came before.</summary>
    private void WriteKey(RecordedChunk chunk, bool isNewFile)
    {
        var buffer = chunk.Buffer;
        _standing.Write(buffer);
        buffer.Varint((ulong)_streams.Count);
        foreach (var (id, stream) in _streams)
        {
            stream.Reset();
            if (isNewFile)
                stream.SeriesWritten = 0;
            if (stream.Catalog is { } catalog && stream.SeriesWritten < stream.SeriesCount)
            {
                chunk.Growth.Add(new CatalogGrowth(id, catalog, stream.SeriesWritten, stream.SeriesCount));
                stream.SeriesWritten = stream.SeriesCount;
            }

            buffer.ZigZag(id);
            buffer.Text(stream.Node);
            buffer.Text(stream.NodeCluster);
            buffer.ZigZag(stream.NextSequence);
            buffer.Varint((ulong)stream.SeriesCount);
        }
    }
}
