using SelfHeal.Core.Series;
using SelfHeal.Core.Time;
using SelfHeal.Core.Topology;

namespace SelfHeal.Core.Detection;

/// <summary>
/// Takes nine looks at every series after each closed block (judgement, section 2); a series is a pair of a cluster, a
/// listener or an HTTP connection manager, watched from the first block in which it had a trial. Runs on the control
/// thread only; it has no clock: all times are those of blocks.
/// </summary>
public sealed partial class Detector
{
    /// <summary>
    /// Findings kept per call. 4,096 are more than any diagnosis reads; when everything fails at once the rest is
    /// counted and may still be asked for with <see cref="Look"/>.
    /// </summary>
    private const int FindingLimit = 4_096;

    private readonly DetectionOptions _options;
    private readonly LookJudge _judge;
    private readonly SiblingMap _siblings = new();
    private readonly LatencyEdges _edges;
    private readonly SeriesCounts _counts;
    private readonly TrackTable _tracks = new();
    private readonly BaselineTable _baselines;
    private readonly LookBatch _rises = new(Likelihood.RiseSizes, Likelihood.RiseLogs);
    private readonly LookBatch _falls = new(Likelihood.FallSizes, Likelihood.FallLogs);
    private readonly Stack<LookMemory> _idle = new();
    private LookMemory?[] _memories = new LookMemory?[64];

    // A bit for each look whose statistic is above 0; a series that has one set has a memory.
    private ushort[] _running = new ushort[64];
    private int[] _touched = new int[64];
    private int _touchedCount;
    private LookResult[] _findings = new LookResult[64];
    private int _findingCount;
    private long _evaluated = -1;

    /// <summary>A detector without memory.</summary>
    /// <param name="options">Read once.</param>
    public Detector(DetectionOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        Invariant.Assert(options.BaselineRatio is > 0 and < 1, "The declared baseline is a ratio");
        Invariant.Assert(options.Shape > 0 && options.ContrastShape > 0, "Shapes are positive");
        _options = options;
        _edges = new LatencyEdges(options);
        _counts = new SeriesCounts(_edges);
        _baselines = new BaselineTable(options);
        _judge = new LookJudge(options);
        _judge.SetSeries(options.Series ?? 1);
    }

    /// <summary>
    /// Breaches and suspicions of the blocks that the last call evaluated (mostly one), in the order of blocks and then
    /// of series as they appeared. Empty after blocks without any.
    /// </summary>
    public ReadOnlySpan<LookResult> Findings => _findings.AsSpan(0, _findingCount);

    /// <summary>Findings that did not fit, since the start.</summary>
    public long FindingsDropped { get; private set; }

    /// <summary>The newest evaluated block; -1 while there is none.</summary>
    public long EvaluatedSequence => _evaluated;

    /// <summary>J, the number of series looked at.</summary>
    public int SeriesCount => _tracks.Count;

    /// <summary>Evaluates every block that was closed since the last call.</summary>
    /// <param name="fold">The blocks.</param>
    /// <param name="topology">Which clusters are versions of one service.</param>
    /// <returns>Whether there was one; <see cref="Findings"/> then belong to this call.</returns>
    public bool OnBlocks(TelemetryFold fold, GatewayTopology topology)
    {
        // Hot path: allocation-free unless series or the topology changed.
        ArgumentNullException.ThrowIfNull(fold);
        ArgumentNullException.ThrowIfNull(topology);
        if (fold.ClosedSequence == _evaluated)
            return false;
        _findingCount = 0;
        var next = _evaluated + 1;
        var longest = LookSchedule.Windows[^1];
        if (fold.ClosedSequence - next > fold.BlockCapacity - longest)
            next = CatchUp(fold, topology, fold.ClosedSequence - fold.BlockCapacity + 1, longest);
        for (; next <= fold.ClosedSequence; next++)
        {
            if (!fold.TryGetBlock(next, out var block))
                continue;
            Count(fold, topology, next);
            Learn(fold, block);
            LookAtWindows(fold, block);
            LookSlowly(block);
        }

        _evaluated = fold.ClosedSequence;
        return true;
    }

    /// <summary>A detector that fell behind by more than the ring fills its windows from what is kept, and judges
    /// from where they are whole.</summary>
    private long CatchUp(TelemetryFold fold, GatewayTopology topology, long from, int blocks)
    {
        _tracks.Restart();
        for (var sequence = from; sequence < from + blocks; sequence++)
            Count(fold, topology, sequence);
        return from + blocks;
    }

    /// <summary>Takes a block's counts over, and every series that had its first trial in it.</summary>
    private void Count(TelemetryFold fold, GatewayTopology topology, long sequence)
    {
        _tracks.Begin(sequence);
        var before = _tracks.Count;
        _counts.Take(fold, sequence, _tracks);
        if (_tracks.Count != before)
            Add(before);
        _siblings.Update(fold, topology, _counts, _tracks);
        _tracks.End();
    }

    private void Add(int from)
    {
        if (_tracks.Capacity > _memories.Length)
        {
            Array.Resize(ref _memories, _tracks.Capacity);
            Array.Resize(ref _running, _tracks.Capacity);
        }

        for (var track = from; track < _tracks.Count; track++)
        {
            _baselines.Add(track, _tracks.Capacity, _tracks.Falls(track));
            if (_tracks.RowOf(track) == SignalPair.SlowForBaseline.Row)
                _baselines.Rebase(track, _edges.Ratio(_tracks.ScopeOf(track)));
            RestoreWaiting(track);
        }

        if (_options.Series is null)
            _judge.SetSeries(_tracks.Count);
    }

    /// <summary>Keeps the run of blocks in which one look's statistic is above 0.</summary>
    private void Follow(int track, int place, bool isAbove, ControlTime start)
    {
        var bit = 1 << place;
        if (((_running[track] & bit) != 0) == isAbove)
            return;
        _running[track] ^= (ushort)bit;
        if (isAbove)
            Remember(track).Begin(place, start);
    }

    private bool IsRunning(int track, int place) => (_running[track] & (1 << place)) != 0;

    private LookMemory Remember(int track)
    {
        if (_memories[track] is { } memory)
            return memory;
        memory = _idle.Count > 0 ? _idle.Pop() : new LookMemory();
        _memories[track] = memory;
        return memory;
    }

    private void ForgetIfIdle(int track)
    {
        if (_running[track] != 0 || _memories[track] is not { IsIdle: true } memory)
            return;
        memory.Reset();
        _memories[track] = null;
        _idle.Push(memory);
    }

    private void AddFinding(in LookResult result)
    {
        if (_findingCount == FindingLimit)
        {
            FindingsDropped++;
            return;
        }

        if (_findingCount == _findings.Length)
            Array.Resize(ref _findings, _findingCount * 2);
        _findings[_findingCount++] = result;
    }
}
