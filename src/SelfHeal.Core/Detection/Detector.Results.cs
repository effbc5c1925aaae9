using SelfHeal.Core.Series;

namespace SelfHeal.Core.Detection;

/// <content>What may be asked of the newest evaluated block.</content>
public sealed partial class Detector
{
    /// <summary>One look at the newest evaluated block, whatever it says.</summary>
    /// <param name="fold">The blocks.</param>
    /// <param name="scopeId">The id of a scope of the pair's kind.</param>
    /// <param name="pair">A row of <see cref="SignalPair.Table"/>.</param>
    /// <param name="kind">How to compare.</param>
    /// <param name="windowBlocks">1, 2, 4 or 12; ignored for the slow look.</param>
    /// <returns>Without evidence where the scope did not report in the newest block, has no siblings, or has never had
    /// a trial of the pair.</returns>
    public LookResult Look(TelemetryFold fold, int scopeId, SignalPair pair, LookKind kind, int windowBlocks)
    {
        ArgumentNullException.ThrowIfNull(fold);
        ArgumentNullException.ThrowIfNull(pair);
        var window = LookSchedule.Windows.IndexOf(windowBlocks);
        if (kind != LookKind.Slow)
            ArgumentOutOfRangeException.ThrowIfNegative(window, nameof(windowBlocks));
        var track = FindTrack(scopeId, pair);
        var nothing = new LookResult { Pair = pair, ScopeId = scopeId, Scope = "", Kind = kind, Sequence = -1 };
        if (track < 0 || !fold.TryGetBlock(_evaluated, out var block))
            return nothing;
        if (kind != LookKind.Slow)
            return Result(fold, track, kind, window, block);
        return _memories[track] is { Slow.IsTaken: true } memory
            ? SlowResult(track, memory)
            : nothing with { Scope = _counts.NameOf(track) };
    }

    /// <summary>How long the effect has held, against the own baseline or against the siblings.</summary>
    /// <param name="scopeId">The id of a scope of the pair's kind.</param>
    /// <param name="pair">A row of <see cref="SignalPair.Table"/>.</param>
    /// <param name="kind">Contrast, or anything else for the own baseline.</param>
    public PersistenceCounter Persistence(int scopeId, SignalPair pair, LookKind kind)
    {
        ArgumentNullException.ThrowIfNull(pair);
        var track = FindTrack(scopeId, pair);
        var memory = track < 0 ? null : _memories[track];
        return memory is null ? default : kind == LookKind.Contrast ? memory.Against : memory.Own;
    }

    /// <summary>The slow look's six sums S_r in micro-nats, in the order of <see cref="Likelihood.Rise"/>; empty where
    /// all are 0.</summary>
    /// <param name="scopeId">The id of a scope of the pair's kind.</param>
    /// <param name="pair">A row of <see cref="SignalPair.Table"/>.</param>
    public ReadOnlySpan<long> SlowSums(int scopeId, SignalPair pair)
    {
        ArgumentNullException.ThrowIfNull(pair);
        var track = FindTrack(scopeId, pair);
        return track < 0 || _memories[track] is not { } memory ? [] : memory.Sums;
    }

    /// <summary>Whether some series of a scope is suspect, in its windows or in the slow look.</summary>
    /// <param name="scopeId">The id of a scope.</param>
    public bool IsAnythingSuspect(int scopeId)
    {
        foreach (var track in _counts.TracksOf(scopeId))
        {
            if (track >= 0
                && _memories[track] is { } memory
                && (memory.IsSuspect || memory.Slow.Statistic >= _judge.SuspectThreshold))
                return true;
        }

        return false;
    }

    private int FindTrack(int scopeId, SignalPair pair)
    {
        var row = pair.Row;
        ArgumentOutOfRangeException.ThrowIfNegative(row, nameof(pair));
        return _counts.Find(scopeId, row);
    }

    /// <summary>The counts of a look; of a fall, of all versions together.</summary>
    private LookInput Input(int track, LookKind kind, int window)
    {
        var events = _tracks.Events(track, window);
        var total = _tracks.Total(track, window);
        var isFall = _tracks.Falls(track);
        if (kind != LookKind.Contrast && !isFall)
            return new LookInput(events, total, 0, 0);
        var siblingEvents = 0L;
        var siblingTotal = 0L;
        foreach (var sibling in _siblings.Of(track))
        {
            siblingEvents += _tracks.Events(sibling, window);
            siblingTotal += _tracks.Total(sibling, window);
        }

        return isFall
            ? new LookInput(events + siblingEvents, total, 0, 0)
            : new LookInput(events, total, siblingEvents, siblingTotal);
    }

    private LookTerms Terms(int track, LookKind kind, int window)
    {
        var falls = _tracks.Falls(track);
        var terms = _baselines.Terms(track, kind, window, falls);
        if (!falls)
            return terms;
        var rate = terms.Baseline;
        foreach (var sibling in _siblings.Of(track))
            rate += _baselines.Ratio(sibling);
        return terms with { Baseline = rate };
    }

    private LookResult Result(
        TelemetryFold fold, int track, LookKind kind, int window, in BlockRecord block)
    {
        var input = Input(track, kind, window);
        var terms = Terms(track, kind, window);
        var isMeasured = kind == LookKind.Contrast
            ? _tracks.IsKnown(track) && input.SiblingTotal > 0 && IsAnyKnown(_siblings.Of(track))
            : _tracks.IsKnown(track) && MayJudgeItself(track);
        var statistic = LookJudge.Statistic(kind, input, terms);
        var place = LookSchedule.Place(kind, window);
        var isRunning = IsRunning(track, place);
        var blocks = LookSchedule.Windows[window];
        var pair = _tracks.PairOf(track);
        var scopeId = _tracks.ScopeOf(track);
        var observed = fold.Window(scopeId, pair.Events[0], blocks, block.Sequence);
        return _judge.Judge(kind, input, terms, statistic, isMeasured) with
        {
            Pair = pair,
            ScopeId = scopeId,
            Scope = _counts.NameOf(track),
            WindowBlocks = blocks,
            KnownBlocks = observed.KnownBlocks,
            Exposure = observed.Exposure,
            HasOnset = isRunning,
            Onset = isRunning ? Remember(track).Onset(place) : default,
            Sequence = block.Sequence,
            End = block.End,
        };
    }

    private LookResult SlowResult(int track, LookMemory memory)
    {
        var slow = memory.Slow;
        var place = LookSchedule.Place(LookKind.Slow, 0);
        var input = new LookInput(slow.Events, slow.Total, 0, 0);
        return _judge.Judge(LookKind.Slow, input, slow.Terms, slow.Statistic, isMeasured: true) with
        {
            Pair = _tracks.PairOf(track),
            ScopeId = _tracks.ScopeOf(track),
            Scope = _counts.NameOf(track),
            WindowBlocks = slow.KnownBlocks,
            KnownBlocks = slow.KnownBlocks,
            Exposure = slow.Exposure,
            HasOnset = IsRunning(track, place),
            Onset = IsRunning(track, place) ? memory.Onset(place) : default,
            Sequence = slow.Block.Sequence,
            End = slow.Block.End,
        };
    }
}
