using System.Globalization;
using System.Runtime.InteropServices;
using SelfHeal.Core;
using SelfHeal.Core.Control;
using SelfHeal.Core.Recording;
using SelfHeal.Core.Records;
using SelfHeal.Core.Series;
using SelfHeal.Core.Time;

namespace SelfHeal.Sidecar.Recording;

/// <summary>
/// Runs a control loop over a recording. A recording that is read from its very beginning gives the loop the same
/// inbox as it had; where a part is missing a new loop begins at the next key, with the ledger as it was there.
/// </summary>
/// <param name="request">What to replay.</param>
/// <param name="onRecord">Takes every entry that becomes durable, in order.</param>
/// <param name="onProgress">Takes the share of the bytes that is done, from 0 to 1.</param>
internal sealed class ReplaySession(
    ReplayRequest request, Action<ReplayedRecord> onRecord, Action<double> onProgress)
{
    // A loop that comes in the middle needs the longest window of a slow flush before it can judge.
    private static readonly TimeSpan WarmUp = TimeSpan.FromMinutes(2);

    private const int NoteLimit = 100;

    private readonly FlushBatchPool _pool = new();
    private readonly List<ControlEvent> _inbox = [];
    private readonly List<ControlEffect> _outbox = [];
    private readonly List<ReplayedRecord> _durable = [];
    private readonly List<RecordingFault> _faults = [];
    private readonly List<string> _notes = [];
    private readonly RecordedStep _step = new();
    private SortedDictionary<long, byte[]> _ledger = [];
    private StepDecoder _decoder = new(new FlushBatchPool());
    private RecordingStart? _start;
    private ControlLoop? _loop;
    private ReplayWorld? _world;
    private ControlTime _first;
    private ControlTime _last;
    private string _failure = "";
    private string _notCompared = "";
    private string _difference = "";
    private string _divergence = "";
    private DateTimeOffset? _divergedAt;
    private long _reproduced;
    private long _expected = -1;
    private long _steps;
    private long _samples;
    private bool _isDone;

    /// <summary>Runs to the end, and tells what was found.</summary>
    /// <param name="cancellationToken">Stops it early.</param>
    /// <exception cref="IOException">A file cannot be opened or read.</exception>
    /// <exception cref="UnauthorizedAccessException">A file may not be opened.</exception>
    public ReplaySummary Run(CancellationToken cancellationToken)
    {
        _decoder = new StepDecoder(_pool);
        if (request.WhatIf is not null)
            _notCompared = "another policy decides";
        long total = request.Files.Sum(static file => new FileInfo(file).Length);
        var before = 0L;
        foreach (var path in request.Files)
        {
            using var reader = new RecordingReader(path);
            if (request.From is { } from && !_isDone && _loop is null)
                reader.SeekTo(from.Ticks > WarmUp.Ticks ? from - WarmUp : from);
            while (!_isDone && reader.TryRead(out var header, out var payload))
            {
                cancellationToken.ThrowIfCancellationRequested();
                Take(reader, header, payload);
                onProgress(total == 0 ? 1 : (double)(before + reader.Position) / total);
            }

            before += reader.Length;
            _faults.AddRange(reader.Faults);
            if (reader.MoreFaults > 0)
                Note(string.Create(CultureInfo.InvariantCulture, $"{path}: {reader.MoreFaults} more places"));
        }

        onProgress(1);
        return Summarize();
    }

    private void Take(RecordingReader reader, in ChunkHeader header, ReadOnlyMemory<byte> payload)
    {
        switch (header.Kind)
        {
            case ChunkKind.Start when RecordingStart.TryRead(payload.Span, out var start):
                TakeStart(start);
                break;
            case ChunkKind.Start:
                reader.AddFault("what a control loop is told, as JSON");
                break;
            case ChunkKind.Catalog when !_decoder.TryAddCatalogs(payload.Span):
            case ChunkKind.Ledger when !_decoder.TryReadLedger(payload.Span, _ledger):
                AddFault(reader);
                break;
            case ChunkKind.Steps:
                TakeSteps(reader, header, payload);
                break;
        }
    }

    private void TakeStart(RecordingStart start)
    {
        // A file that goes on where the last one ended; anything else begins anew, with a ledger of its own.
        var isSame = _start is not null && start.IsContinuation && start.StartedNanos == _start.StartedNanos
            && start.StartedAt == _start.StartedAt && start.Options.Instance == _start.Options.Instance;
        _start = start;
        if (isSame)
            return;
        EndLoop();
        _expected = -1;
        _ledger = [];
        _decoder = new StepDecoder(_pool);
    }

    private void TakeSteps(RecordingReader reader, in ChunkHeader header, ReadOnlyMemory<byte> payload)
    {
        if (_start is null)
        {
            Note($"{At(header.First)}: steps before anything says what the control loop was told; they are left out");
            return;
        }

        var isNext = _loop is not null && header.Sequence == _expected && header.DroppedSteps == 0;
        if (!isNext && !header.IsKey)
        {
            _expected = -1;
            EndLoop();
            return;
        }

        if (!_decoder.TryBegin(header, payload))
        {
            AddFault(reader);
            _expected = -1;
            return;
        }

        if (!isNext && !TryBeginLoop(header))
            return;
        _expected = header.Sequence + 1;
        Run(reader);
    }

    /// <summary>Makes the loop: the one that was recorded, or one that comes in the middle.</summary>
    private bool TryBeginLoop(in ChunkHeader header)
    {
        var isBeginning = header.Sequence == 0 && !_start!.IsContinuation; // Steps come after a start only.
        var time = isBeginning ? _start!.Started : header.First;
        var options = request.WhatIf?.Invoke(_start!.Options) ?? _start!.Options;
        if (header.DroppedSteps > 0)
        {
            Note(string.Create(CultureInfo.InvariantCulture,
                $"{At(header.First)}: {header.DroppedSteps} steps before this were not recorded: the disk was slow"));
        }

        EndLoop();
        try
        {
            _loop = new ControlLoop(options, [.. _ledger.Values.Select(static e => RecordJson.Read(e))], time);
        }
        catch (Exception error) when (error is InvariantException or FormatException or ArgumentException)
        {
            _failure = $"{At(header.First)}: the recorded ledger gives no state to begin with: {error.Message}";
            _isDone = true;
            return false;
        }

        _world = new ReplayWorld(
            request.AcknowledgeDelay, _start.Origin == RecordingOrigin.Served, _loop.OverlaysInForce);
        if (_start.Origin == RecordingOrigin.Imported && _notCompared.Length == 0)
            _notCompared = "the recording was imported and has telemetry only";
        if (_steps == 0)
            _first = header.First;
        if (isBeginning)
            return true;
        _decoder.AddStateTo(_inbox);
        if (_notCompared.Length == 0)
            _notCompared = "the replay does not begin where the recorded control loop did";
        Note($"{At(header.First)}: a new control loop begins here, with the ledger as it was, and without what hours "
            + "before had taught");
        return true;
    }

    private void Run(RecordingReader reader)
    {
        // Hot path: allocation-free while nothing but batches of known series comes.
        while (!_isDone)
        {
            _step.Clear(_pool);
            if (!_decoder.TryRead(_step))
                break;
            if (request.To is { } to && _step.Now.Wall > to)
            {
                _isDone = true;
                break;
            }

            if (_step.Unrecorded.Count > 0 || _step.NamelessBatches > 0)
                NoteMissing();
            Step();
        }

        _step.Clear(_pool);
        if (_decoder.Expected is null)
            return;
        AddFault(reader);
        _expected = -1;
        EndLoop();
    }

    private void Step()
    {
        var (loop, world) = (_loop!, _world!); // A chunk is run by the loop that it has begun.
        world.Translate(_step, _inbox, _durable);
        Count();
        try
        {
            loop.Step(_step.Now, CollectionsMarshal.AsSpan(_inbox), _outbox);
        }
        catch (Exception error) when (error is not OutOfMemoryException)
        {
            // As production does it: the loop has ended, with the step that ended it as the last thing recorded.
            _failure = $"{At(_step.Now)}: the control loop failed: {error.Message}";
            _isDone = true;
        }

        _inbox.Clear();
        if (!_isDone)
            world.Observe(_step, _outbox);
        _outbox.Clear();
        _last = _step.Now;
        _steps++;
        if (_durable.Count == 0)
            return;
        foreach (var record in _durable)
        {
            if (request.From is not { } from || record.Record.Time.Decided >= from)
                onRecord(record);
        }

        _durable.Clear();
    }

    private void Count()
    {
        for (var i = 0; i < _inbox.Count; i++)
        {
            if (_inbox[i] is ControlEvent.StatsReceived { Batch: var batch })
                _samples += batch.Count + batch.HistogramIndexes.Length;
        }
    }

    private void EndLoop()
    {
        if (_world is null)
            return;
        _reproduced += _world.Reproduced;
        _difference = _difference.Length == 0 ? _world.Difference : _difference;
        if (_world.DivergedAt is { } diverged && _divergedAt is null)
            (_divergedAt, _divergence) = (diverged.Wall, _world.Divergence);
        if (_world.ForeignAnswers > 0)
        {
            Note(string.Create(CultureInfo.InvariantCulture,
                $"{_world.ForeignAnswers} recorded answers belong to what only the recorded loop did; left out"));
        }

        _loop = null;
        _world = null;
        _inbox.Clear();
    }

    private ReplaySummary Summarize()
    {
        var unanswered = _world?.Unanswered ?? 0;
        EndLoop();
        if (_start is null && _faults.Count == 0)
            _failure = "there are no steps in it";
        return new ReplaySummary
        {
            Steps = _steps,
            Samples = _samples,
            Covered = _steps == 0 ? TimeSpan.Zero : _last.Since(_first),
            Reproduced = _reproduced,
            Unanswered = unanswered,
            NotCompared = _notCompared,
            Difference = _difference,
            DivergedAt = _divergedAt,
            Divergence = _divergence,
            Failure = _failure,
            Faults = [.. _faults],
            Notes = [.. _notes],
        };
    }

    private void NoteMissing()
    {
        if (_step.NamelessBatches > 0)
            Note($"{At(_step.Now)}: stats of series whose names are lost are left out");
        foreach (var name in _step.Unrecorded)
            Note($"{At(_step.Now)}: a {name} that the recorder could not write");
    }

    private void AddFault(RecordingReader reader) => reader.AddFault(string.Create(
        CultureInfo.InvariantCulture,
        $"{_decoder.Expected} at byte {_decoder.ErrorOffset} of what this chunk holds"));

    private void Note(string text)
    {
        if (_notes.Count < NoteLimit)
            _notes.Add(text);
        else if (_notes.Count == NoteLimit)
            _notes.Add("more of the like follows and is not shown");
    }

    private static string At(ControlTime time) =>
        time.Wall.ToString("yyyy-MM-ddTHH:mm:ss.fffZ", CultureInfo.InvariantCulture);
}
