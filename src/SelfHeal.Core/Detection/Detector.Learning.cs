using System.Collections.Immutable;
using SelfHeal.Core.Series;

namespace SelfHeal.Core.Detection;

/// <content>What is normal: learned from blocks that nothing was wrong in, stored when an hour ends.</content>
public sealed partial class Detector
{
    // A block is learned when the longest window has left it behind, so that an incident that opens has had its time to
    // keep its own onset out. Twelve blocks are learned at once; groups of series take turns, so that no block is much
    // more work than another.
    private const int BlocksAtOnce = 12;
    private const int GroupSize = 1_024;

    private readonly HashSet<int> _frozenScopes = [];
    private readonly List<int> _hoursWanted = [];
    private Dictionary<(StatScope Scope, string Name, string Pair), BaselineRow> _waiting = [];
    private Dictionary<(StatScope Scope, string Name, string Pair), BaselineRow> _waitingNext = [];
    private BaselineHour? _closedHour;
    private long _hour = long.MinValue;

    /// <summary>Which scopes are in an incident or under maintenance: nothing is learned about them.</summary>
    /// <param name="scopeIds">Replaces what was said before.</param>
    public void Freeze(IEnumerable<int> scopeIds)
    {
        ArgumentNullException.ThrowIfNull(scopeIds);
        _frozenScopes.Clear();
        _frozenScopes.UnionWith(scopeIds);
    }

    /// <summary>The hour that ended and is to be stored, once.</summary>
    /// <param name="closed">All series as they are at its end.</param>
    public bool TryTakeClosedHour(out BaselineHour? closed)
    {
        closed = _closedHour;
        _closedHour = null;
        return closed is not null;
    }

    /// <summary>The next hour of the week that is to be read from where hours are stored, once.</summary>
    /// <param name="hour">0 to 167.</param>
    public bool TryTakeWantedHour(out int hour)
    {
        hour = 0;
        if (_hoursWanted.Count == 0)
            return false;
        hour = _hoursWanted[0];
        _hoursWanted.RemoveAt(0);
        return true;
    }

    /// <summary>A stored hour was read. One that is neither the current nor the next comes too late and is dropped.
    /// </summary>
    /// <param name="fold">Knows the scopes by name.</param>
    /// <param name="loaded">The hour.</param>
    public void OnBaselines(TelemetryFold fold, BaselineHour loaded)
    {
        ArgumentNullException.ThrowIfNull(fold);
        ArgumentNullException.ThrowIfNull(loaded);
        if (_hour == long.MinValue)
            return;
        var isCurrent = loaded.Hour == HourOfWeek.Of(_hour);
        if (!isCurrent && loaded.Hour != HourOfWeek.Of(_hour + 1))
            return;
        foreach (var row in loaded.Rows)
        {
            var pair = SignalPair.Table.FirstOrDefault(p => p.Name == row.Pair && p.Scope == row.Scope);
            var track = pair is null ? -1 : _counts.Find(fold.FindScope(row.Scope, row.Name), pair.Row);
            if (pair is null)
                continue;
            if (track >= 0)
                _baselines.Restore(track, row, !isCurrent, pair.Falls);
            else
                (isCurrent ? _waiting : _waitingNext)[(row.Scope, row.Name, row.Pair)] = row;
        }
    }

    private bool IsFrozen(int track) => _frozenScopes.Count > 0 && _frozenScopes.Contains(_tracks.ScopeOf(track));

    private void Learn(in BlockRecord block)
    {
        // Hot path: allocation-free unless an hour ended.
        KeepHour(block);
        var turn = block.Sequence % BlocksAtOnce;
        for (var first = (int)turn * GroupSize; first < _tracks.Count; first += GroupSize * BlocksAtOnce)
        {
            var end = Math.Min(first + GroupSize, _tracks.Count);
            for (var track = first; track < end; track++)
                Learn(track, block.Sequence);
        }
    }

    private void Learn(int track, long newest)
    {
        if (_memories[track] is { IsSuspect: true } || IsFrozen(track))
            return;
        Span<LearnedBlock> blocks = stackalloc LearnedBlock[BlocksAtOnce];
        var count = 0;
        var siblings = _siblings.Of(track);
        for (var sequence = newest - (2 * BlocksAtOnce) + 1; sequence <= newest - BlocksAtOnce; sequence++)
        {
            var (events, total) = _tracks.At(track, sequence);
            if (total == 0)
                continue;
            var siblingEvents = 0L;
            var siblingTotal = 0L;
            foreach (var sibling in siblings)
            {
                var (other, of) = _tracks.At(sibling, sequence);
                siblingEvents += other;
                siblingTotal += of;
            }

            blocks[count++] = new LearnedBlock(events, total, siblingEvents, siblingTotal);
        }

        _baselines.Learn(track, blocks[..count]);
    }

    private void KeepHour(in BlockRecord block)
    {
        var hour = HourOfWeek.Index(block.End.Wall);
        if (hour == _hour)
            return;
        var isFirst = _hour == long.MinValue;
        var isNext = !isFirst && hour == _hour + 1;
        if (!isFirst)
            CloseHour(hour);
        _hour = hour;
        (_waiting, _waitingNext) = (_waitingNext, _waiting);
        _waitingNext.Clear();
        if (!isNext)
        {
            // The first hour, or the wall clock jumped: what was read ahead is of another hour.
            _waiting.Clear();
            _hoursWanted.Add(HourOfWeek.Of(hour));
        }

        _hoursWanted.Add(HourOfWeek.Of(hour + 1));
    }

    private void CloseHour(long next)
    {
        var rows = ImmutableArray.CreateBuilder<BaselineRow>(_tracks.Count);
        var isWeekOver = HourOfWeek.WeekOf(next) != HourOfWeek.WeekOf(_hour);
        for (var track = 0; track < _tracks.Count; track++)
        {
            var pair = _tracks.PairOf(track);
            if (isWeekOver)
                _baselines.CloseWeek(track);
            rows.Add(_baselines.Row(track, pair, _counts.NameOf(track)));
            _baselines.CloseHour(track, keepNext: next == _hour + 1, pair.Falls);
        }

        _closedHour = new BaselineHour(HourOfWeek.Of(_hour), rows.MoveToImmutable());
    }

    private void RestoreWaiting(int track)
    {
        var pair = _tracks.PairOf(track);
        var key = (pair.Scope, _counts.NameOf(track), pair.Name);
        if (_waiting.Remove(key, out var current))
            _baselines.Restore(track, current, isNext: false, pair.Falls);
        if (_waitingNext.Remove(key, out var next))
            _baselines.Restore(track, next, isNext: true, pair.Falls);
    }
}
