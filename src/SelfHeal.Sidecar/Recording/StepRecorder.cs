using System.Diagnostics.Metrics;
using System.Threading.Channels;
using SelfHeal.Core.Control;
using SelfHeal.Core.Recording;
using SelfHeal.Core.Records;
using SelfHeal.Core.Time;
using SelfHeal.Sidecar.Judgement;

namespace SelfHeal.Sidecar.Recording;

/// <summary>
/// The tap at the control loop: encodes every step on the control thread and hands whole chunks to
/// <see cref="RecordingService"/>. It never waits and never fails: when no buffer is free, because the disk is slow,
/// steps are left out, counted, and the recording says where.
/// </summary>
internal sealed class StepRecorder
{
    // A chunk of this size compresses well, and losing one costs little.
    private const int ChunkLength = 1024 * 1024;

    // What a kill -9 may cost.
    private const long ChunkNanos = 2 * ControlTime.NanosPerSecond;

    // Where a seek and a reader behind damage can come in: often enough to find any minute, and seldom enough that the
    // whole values at a key cost a few percent.
    private const long KeyNanos = 300 * ControlTime.NanosPerSecond;
    private const long KeyLength = 32 * 1024 * 1024;

    // Buffers between the control thread and the disk. With chunks of 2 s a disk may hang for a quarter of a minute;
    // after that steps are dropped and counted.
    private const int ChunkLimit = 8;

    private readonly Lock _lock = new();
    private readonly StepEncoder _encoder = new();
    private readonly List<LedgerRecord> _ledger;
    private readonly Channel<RecordedChunk> _full = Channel.CreateBounded<RecordedChunk>(ChunkLimit);
    private readonly Channel<RecordedChunk> _free = Channel.CreateBounded<RecordedChunk>(ChunkLimit);
    private readonly Counter<long> _dropped;
    private long _keyAt;
    private long _sinceKey;
    private uint _droppedSteps;
    private volatile bool _wantsNewFile = true;
    private volatile bool _isActive;

    /// <summary>A recorder that is off until it is started.</summary>
    /// <param name="restored">What the loop began with.</param>
    /// <param name="meters">The host's factory.</param>
    public StepRecorder(Restored restored, IMeterFactory meters)
    {
        ArgumentNullException.ThrowIfNull(restored);
        _ledger = [.. restored.Records];
        var meter = meters.Create("SelfHeal.Recording");
        _dropped = meter.CreateCounter<long>(
            "selfheal.recording.dropped_steps", description: "Steps not recorded because the disk was slow");
        meter.CreateObservableGauge(
            "selfheal.recording.active", () => IsActive ? 1 : 0, description: "1 while steps are recorded");
        meter.CreateObservableCounter(
            "selfheal.recording.unrecorded_events",
            () => _encoder.UnrecordedEvents,
            description: "Events that could not be recorded, or by their name only");
    }

    /// <summary>Whether steps are recorded.</summary>
    public bool IsActive => _isActive;

    /// <summary>Chunks for the disk, in order; completed by <see cref="Complete"/> and <see cref="Stop"/>.</summary>
    public ChannelReader<RecordedChunk> Chunks => _full.Reader;

    /// <summary>Begins; before the first step.</summary>
    public void Start()
    {
        if (_isActive)
            return;
        for (var i = 0; i < ChunkLimit; i++)
            _free.Writer.TryWrite(new RecordedChunk());
        _isActive = true;
    }

    /// <summary>One step, run or failed, before its batches go back to their pool.</summary>
    /// <param name="now">The time of the step.</param>
    /// <param name="inbox">What the loop was told.</param>
    /// <param name="outbox">What it asked for.</param>
    public void OnStep(ControlTime now, ReadOnlySpan<ControlEvent> inbox, IReadOnlyList<ControlEffect> outbox)
    {
        // Hot path: allocation-free while nothing but batches of known series comes.
        if (!_isActive)
            return;
        lock (_lock)
        {
            if (!_isActive)
                return;
            if (_encoder.Chunk is null && !TryBegin(now))
            {
                _droppedSteps++;
                _dropped.Add(1);
            }

            _encoder.Add(now, inbox, outbox);
            if (_encoder.Chunk is { } chunk
                && (chunk.HasEffects || chunk.Buffer.Length >= ChunkLength
                    || now.MonotonicNanos - chunk.First.MonotonicNanos >= ChunkNanos))
                HandOver();
        }
    }

    /// <summary>The writer is done with a chunk.</summary>
    /// <param name="chunk">One of <see cref="Chunks"/>.</param>
    public void Return(RecordedChunk chunk) => _free.Writer.TryWrite(chunk);

    /// <summary>The file is long enough: the next chunk begins another one.</summary>
    public void BeginNewFile() => _wantsNewFile = true;

    /// <summary>The control loop has ended: what was encoded so far is the end of the recording.</summary>
    public void Complete()
    {
        lock (_lock)
        {
            if (_isActive && _encoder.Chunk is not null)
                HandOver();
            Stop();
        }
    }

    /// <summary>Nothing more can be written.</summary>
    public void Stop()
    {
        _isActive = false;
        _full.Writer.TryComplete();
    }

    private bool TryBegin(ControlTime now)
    {
        if (!_free.Reader.TryRead(out var chunk))
            return false;
        var isKey = _wantsNewFile || _droppedSteps > 0
            || now.MonotonicNanos - _keyAt >= KeyNanos || _sinceKey >= KeyLength;
        _encoder.Begin(chunk, now, isKey, _wantsNewFile ? _ledger.ToArray() : null, _droppedSteps);
        _wantsNewFile = false;
        _droppedSteps = 0;
        if (!isKey)
            return true;
        _keyAt = now.MonotonicNanos;
        _sinceKey = 0;
        return true;
    }

    private void HandOver()
    {
        var chunk = _encoder.End();
        _sinceKey += chunk.Buffer.Length;
        _ledger.AddRange(chunk.Appended);

        // There is room for as many chunks as there are, so this says no only when nobody reads any more.
        if (!_full.Writer.TryWrite(chunk))
            Stop();
    }
}
