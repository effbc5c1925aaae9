using SelfHeal.Core.Series;
using SelfHeal.Core.Time;
using SelfHeal.Core.Topology;

namespace SelfHeal.Core.Detection;

/// <summary>
/// Takes nine looks at every pair of every cluster after each closed block (judgement, section 2). Runs on the control
/// thread only; it has no clock: all times are those of blocks.
/// </summary>
public sealed class Detector
{
    /// <summary>
    /// Findings kept per call. 4,096 are more than any diagnosis reads; when everything fails at once the rest is
    /// counted and may still be asked for with <see cref="Look"/>.
    /// </summary>
    private const int FindingLimit = 4_096;

    private readonly DetectionOptions _options;
    private readonly LookJudge _judge;
    private readonly SiblingMap _siblings = new();
    private readonly Dictionary<int, int> _firstTrackOf = [];
    private readonly List<LookTrack> _tracks = [];
    private LookResult[] _findings = new LookResult[64];
    private int _findingCount;
    private long _evaluated = -1;
    private bool _hasSlowStart;
    private ControlTime _slowStart;

    /// <summary>A detector without memory.</summary>
    /// <param name="options">Read once.</param>
    public Detector(DetectionOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        Invariant.Assert(options.BaselineRatio is > 0 and < 1, "The declared baseline is a ratio");
        Invariant.Assert(options.Shape > 0 && options.ContrastShape > 0, "Shapes are positive");
        _options = options;
        _judge = new LookJudge(options);
        _judge.SetSeries(1);
    }

    /// <summary>
    /// Breaches and suspicions of the blocks that the last call evaluated (mostly one), in the order of blocks,
    /// clusters, pairs and looks. Empty after blocks without any.
    /// </summary>
    public ReadOnlySpan<LookResult> Findings => _findings.AsSpan(0, _findingCount);

    /// <summary>Findings that did not fit, since the start.</summary>
    public long FindingsDropped { get; private set; }

    /// <summary>The newest evaluated block; -1 while there is none.</summary>
    public long EvaluatedSequence => _evaluated;

    /// <summary>J, the number of series looked at: clusters times pairs.</summary>
    public int SeriesCount => _tracks.Count;

    /// <summary>Evaluates every block that was closed since the last call.</summary>
    /// <param name="fold">The blocks.</param>
    /// <param name="topology">Which clusters are versions of one service.</param>
    /// <returns>Whether there was one; <see cref="Findings"/> then belong to this call.</returns>
    public bool OnBlocks(TelemetryFold fold, GatewayTopology topology)
    {
        // Hot path: allocation-free unless clusters or the topology changed.
        ArgumentNullException.ThrowIfNull(fold);
        ArgumentNullException.ThrowIfNull(topology);
        if (fold.ClosedSequence == _evaluated)
            return false;
        _findingCount = 0;
        Track(fold);
        _siblings.Update(fold, topology);

        // A detector that fell behind by more than the ring starts where whole windows are still kept.
        var next = Math.Max(_evaluated + 1, fold.ClosedSequence - fold.BlockCapacity + LookSchedule.Windows[^1]);
        for (; next <= fold.ClosedSequence; next++)
            OnBlock(fold, next);
        _evaluated = fold.ClosedSequence;
        return true;
    }

    /// <summary>One look at the newest evaluated block, whatever it says.</summary>
    /// <param name="fold">The blocks.</param>
    /// <param name="scopeId">A cluster's id.</param>
    /// <param name="pair">A row of <see cref="SignalPair.Table"/>.</param>
    /// <param name="kind">How to compare.</param>
    /// <param name="windowBlocks">1, 2, 4 or 12; ignored for the slow look.</param>
    /// <returns>Without evidence where the cluster did not report in the newest block, or has no siblings.</returns>
    public LookResult Look(TelemetryFold fold, int scopeId, SignalPair pair, LookKind kind, int windowBlocks)
    {
        ArgumentNullException.ThrowIfNull(fold);
        ArgumentNullException.ThrowIfNull(pair);
        var track = FindTrack(scopeId, pair);
        if (track is null || !fold.TryGetBlock(_evaluated, out var block))
            return new LookResult { Pair = pair, ScopeId = scopeId, Scope = "", Kind = kind, Sequence = -1 };
        if (kind == LookKind.Slow)
        {
            return track.HasSlow
                ? track.Slow
                : new LookResult { Pair = pair, ScopeId = scopeId, Scope = track.Scope, Kind = kind, Sequence = -1 };
        }

        var window = LookSchedule.Windows.IndexOf(windowBlocks);
        ArgumentOutOfRangeException.ThrowIfNegative(window, nameof(windowBlocks));
        var counts = Count(fold, track, kind, windowBlocks, block.Sequence);
        var statistic = _judge.Statistic(kind, counts.Input);
        return Complete(track, kind, window, block, counts, statistic);
    }

    /// <summary>How long the effect has held, against the own baseline or against the siblings.</summary>
    /// <param name="scopeId">A cluster's id.</param>
    /// <param name="pair">A row of <see cref="SignalPair.Table"/>.</param>
    /// <param name="kind">Contrast, or anything else for the own baseline.</param>
    public PersistenceCounter Persistence(int scopeId, SignalPair pair, LookKind kind)
    {
        ArgumentNullException.ThrowIfNull(pair);
        var track = FindTrack(scopeId, pair);
        return track is null ? default : kind == LookKind.Contrast ? track.Against : track.Own;
    }

    /// <summary>The slow look's six sums S_r in micro-nats, in the order of <see cref="Likelihood.Rise"/>.</summary>
    /// <param name="scopeId">A cluster's id.</param>
    /// <param name="pair">A row of <see cref="SignalPair.Table"/>.</param>
    public ReadOnlySpan<long> SlowSums(int scopeId, SignalPair pair)
    {
        ArgumentNullException.ThrowIfNull(pair);
        var track = FindTrack(scopeId, pair);
        return track is null ? [] : track.Sums;
    }

    private LookTrack? FindTrack(int scopeId, SignalPair pair)
    {
        var row = SignalPair.Table.IndexOf(pair);
        ArgumentOutOfRangeException.ThrowIfNegative(row, nameof(pair));
        return _firstTrackOf.TryGetValue(scopeId, out var first) ? _tracks[first + row] : null;
    }

    private void Track(TelemetryFold fold)
    {
        var clusters = fold.Clusters;
        var rows = SignalPair.Table.Length;
        if (_tracks.Count == clusters.Length * rows)
            return;
        for (var i = _tracks.Count / rows; i < clusters.Length; i++)
        {
            _firstTrackOf.Add(clusters[i], _tracks.Count);
            foreach (var pair in SignalPair.Table)
                _tracks.Add(new LookTrack(clusters[i], fold.NameOf(clusters[i]), pair));
        }

        _judge.SetSeries(Math.Max(1, _tracks.Count));
    }

    private void OnBlock(TelemetryFold fold, long sequence)
    {
        if (!fold.TryGetBlock(sequence, out var block))
            return;
        if (!_hasSlowStart)
        {
            _slowStart = block.Start;
            _hasSlowStart = true;
        }

        var isSlowEnd = block.End.Since(_slowStart) >= _options.SlowBlock;
        for (var i = 0; i < _tracks.Count; i++)
        {
            var track = _tracks[i];
            var total = fold.Window(track.ScopeId, track.Pair.Total, 1, sequence);

            // An unknown block leaves every statistic as it was.
            if (total.NewestKnown)
            {
                var events = fold.Window(track.ScopeId, track.Pair.Events, 1, sequence).Sum;
                track.AddToSlow(events, total.Sum, total.Exposure);
                LookAtWindows(fold, track, LookKind.OwnWindow, block);
                if (_siblings.Of(track.ScopeId).Length > 0)
                    LookAtWindows(fold, track, LookKind.Contrast, block);
            }

            if (isSlowEnd)
                LookSlowly(track, block);
        }

        if (isSlowEnd)
            _slowStart = block.End;
    }

    private void LookAtWindows(TelemetryFold fold, LookTrack track, LookKind kind, in BlockRecord block)
    {
        var longest = LookSchedule.Windows[^1];
        var hasEvents = fold.Window(track.ScopeId, track.Pair.Events, longest, block.Sequence).Sum > 0;
        var holds = false;
        for (var window = 0; window < LookSchedule.WindowCount; window++)
        {
            var look = LookSchedule.Place(kind, window);

            // Without events every l(r) is below 0, and so is F.
            if (!hasEvents)
            {
                track.Follow(look, -1, block.Start);
                continue;
            }

            var counts = Count(fold, track, kind, LookSchedule.Windows[window], block.Sequence);
            if (!counts.IsMeasured)
                continue;
            var statistic = _judge.Statistic(kind, counts.Input);
            track.Follow(look, statistic, block.Start);
            if (window == 0)
                holds = _judge.EffectHolds(kind, counts.Input);
            if (statistic < _judge.SuspectThreshold)
                continue;
            var result = Complete(track, kind, window, block, counts, statistic);
            if (result.IsSuspect)
                AddFinding(result);
        }

        var counter = kind == LookKind.Contrast ? track.Against : track.Own;
        counter = track.IsAnyRunning(kind) ? counter.Next(holds, block.End) : default;
        if (kind == LookKind.Contrast)
            track.Against = counter;
        else
            track.Own = counter;
    }

    private void LookSlowly(LookTrack track, in BlockRecord block)
    {
        var input = track.SlowInput;
        if (input.Total > 0)
        {
            var expected = input.Total * _options.BaselineRatio;
            var statistic = track.AddSums(expected, _options.Shape, _slowStart, block.End);
            var counts = new WindowCounts(input, track.SlowBlocks, track.SlowExposure, IsMeasured: true);
            track.Slow = Complete(track, LookKind.Slow, 0, block, counts, statistic);
            track.HasSlow = true;
            if (track.Slow.IsSuspect)
                AddFinding(track.Slow);
        }

        track.ClearSlow();
    }

    private LookResult Complete(
        LookTrack track, LookKind kind, int window, in BlockRecord block, in WindowCounts counts, long statistic)
    {
        var look = LookSchedule.Place(kind, window);
        return _judge.Judge(kind, counts.Input, statistic, counts.IsMeasured) with
        {
            Pair = track.Pair,
            ScopeId = track.ScopeId,
            Scope = track.Scope,
            WindowBlocks = kind == LookKind.Slow ? counts.KnownBlocks : LookSchedule.Windows[window],
            KnownBlocks = counts.KnownBlocks,
            Exposure = counts.Exposure,
            HasOnset = track.IsRunning(look),
            Onset = track.Onset(look),
            Sequence = block.Sequence,
            End = block.End,
        };
    }

    private WindowCounts Count(TelemetryFold fold, LookTrack track, LookKind kind, int blocks, long sequence)
    {
        var total = fold.Window(track.ScopeId, track.Pair.Total, blocks, sequence);
        var events = fold.Window(track.ScopeId, track.Pair.Events, blocks, sequence).Sum;
        if (kind != LookKind.Contrast)
        {
            var own = new LookInput(events, total.Sum, 0, 0);
            return new WindowCounts(own, total.KnownBlocks, total.Exposure, total.NewestKnown);
        }

        var siblingEvents = 0L;
        var siblingTotal = 0L;
        var isSiblingMeasured = false;
        foreach (var sibling in _siblings.Of(track.ScopeId))
        {
            var window = fold.Window(sibling, track.Pair.Total, blocks, sequence);
            isSiblingMeasured |= window.NewestKnown;
            siblingTotal += window.Sum;
            siblingEvents += fold.Window(sibling, track.Pair.Events, blocks, sequence).Sum;
        }

        // Siblings that measured nothing cannot clear or blame a member.
        var isMeasured = total.NewestKnown && isSiblingMeasured && siblingTotal > 0;
        var input = new LookInput(events, total.Sum, siblingEvents, siblingTotal);
        return new WindowCounts(input, total.KnownBlocks, total.Exposure, isMeasured);
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

    private readonly record struct WindowCounts(LookInput Input, int KnownBlocks, TimeSpan Exposure, bool IsMeasured);
}
