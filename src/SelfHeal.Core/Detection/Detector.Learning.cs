using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
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

    private readonly uint[][] _learnedEvents = new uint[BlocksAtOnce][];
    private readonly uint[][] _learnedTotals = new uint[BlocksAtOnce][];
    // The block until which nothing is learned of a scope.
    private readonly Dictionary<int, long> _frozenUntil = [];
    private readonly List<int> _hoursWanted = [];
    private Dictionary<(StatScope Scope, string Name, string Pair), BaselineRow> _waiting = [];
    private Dictionary<(StatScope Scope, string Name, string Pair), BaselineRow> _waitingNext = [];
    private BaselineHour? _closedHour;
    private long _hour = long.MinValue;
    private long _firstHour;

    /// <summary>Scopes that are in an incident or under maintenance at the newest block: nothing is learned from it,
    /// nor from those before it that are still to be learned.</summary>
    /// <param name="scopeIds">To be said again after every block for as long as it lasts.</param>
    public void Freeze(IEnumerable<int> scopeIds)
    {
        ArgumentNullException.ThrowIfNull(scopeIds);
        foreach (var scopeId in scopeIds)
            _frozenUntil[scopeId] = _evaluated + TrackTable.RingBlocks;
    }

    /// <summary>The hour that ended and is to be stored, once.</summary>
    /// <param name="closed">All series as they are at its end.</param>
    public bool TryTakeClosedHour([NotNullWhen(true)] out BaselineHour? closed)
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
                Restore(track, row, !isCurrent);
            else
                (isCurrent ? _waiting : _waitingNext)[(row.Scope, row.Name, row.Pair)] = row;
        }
    }

    private bool IsFrozen(int track) => _frozenUntil.Count > 0 && IsScopeFrozen(_tracks.ScopeOf(track));

    private bool IsScopeFrozen(int scopeId) => _frozenUntil.TryGetValue(scopeId, out var until) && _evaluated < until;

    private void Learn(TelemetryFold fold, in BlockRecord block)
    {
        // Hot path: allocation-free unless an hour ended.
        KeepHour(block);
        LearnLatency(fold, block.Sequence - BlocksAtOnce);
        var turn = block.Sequence % BlocksAtOnce;
        for (var i = 0; i < BlocksAtOnce; i++)
        {
            var sequence = block.Sequence - (2 * BlocksAtOnce) + 1 + i;
            _learnedEvents[i] = _tracks.BlockEvents(sequence);
            _learnedTotals[i] = _tracks.BlockTotals(sequence);
        }

        for (var first = (int)turn * GroupSize; first < _tracks.Count; first += GroupSize * BlocksAtOnce)
        {
            var end = Math.Min(first + GroupSize, _tracks.Count);
            for (var track = first; track < end; track++)
                Learn(track);
        }
    }

    private void LearnLatency(TelemetryFold fold, long sequence)
    {
        if (sequence < 0)
            return;
        foreach (var scopeId in fold.Scopes(StatScope.Cluster))
        {
            if (!IsScopeFrozen(scopeId))
                _edges.Learn(fold, scopeId, sequence);
        }
    }

    private void Learn(int track)
    {
        if (_memories[track] is { IsSuspect: true } || IsFrozen(track))
            return;
        if (!_baselines.HasShapes(track) && LearnQuietly(track))
            return;
        Span<LearnedBlock> blocks = stackalloc LearnedBlock[BlocksAtOnce];
        var count = 0;
        var siblings = _siblings.Of(track);
        for (var i = 0; i < BlocksAtOnce; i++)
        {
            var totals = _learnedTotals[i];
            if (totals.Length == 0 || totals[track] == 0)
                continue;
            var siblingEvents = 0L;
            var siblingTotal = 0L;
            foreach (var sibling in siblings)
            {
                siblingEvents += _learnedEvents[i][sibling];
                siblingTotal += totals[sibling];
            }

            blocks[count++] = new LearnedBlock(_learnedEvents[i][track], totals[track], siblingEvents, siblingTotal);
        }

        _baselines.Learn(track, blocks[..count]);
    }

    /// <summary>Most series have never had an event: their trials are all that there is to learn.</summary>
    private bool LearnQuietly(int track)
    {
        var sum = 0L;
        for (var i = 0; i < BlocksAtOnce; i++)
        {
            var totals = _learnedTotals[i];
            if (totals.Length == 0)
                continue;
            if (_learnedEvents[i][track] > 0)
                return false;
            sum += totals[track];
        }

        _baselines.LearnQuiet(track, sum);
        return true;
    }

    private void KeepHour(in BlockRecord block)
    {
        var hour = HourOfWeek.Index(block.End.Wall);
        if (hour == _hour)
            return;
        var isFirst = _hour == long.MinValue;
        var isNext = !isFirst && hour == _hour + 1;
        if (isFirst)
            _firstHour = hour;
        else
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
        var isWeekWhole = _firstHour <= HourOfWeek.WeekOf(_hour) * HourOfWeek.Hours;
        for (var track = 0; track < _tracks.Count; track++)
        {
            var pair = _tracks.PairOf(track);
            if (isWeekOver)
                _baselines.CloseWeek(track, isWeekWhole);
            var scopeId = _tracks.ScopeOf(track);
            rows.Add(_baselines.Row(track, pair, _counts.NameOf(track)) with
            {
                Buckets = pair == SignalPair.Errors ? _edges.Stored(scopeId) : [],
            });
            _baselines.CloseHour(track, keepNext: next == _hour + 1, pair.Falls);
        }

        CloseLatencyHour();

        _closedHour = new BaselineHour(HourOfWeek.Of(_hour), rows.MoveToImmutable());
    }

    /// <summary>A scope's edge that moves makes its history one of other events.</summary>
    private void CloseLatencyHour()
    {
        for (var track = 0; track < _tracks.Count; track++)
        {
            var scopeId = _tracks.ScopeOf(track);
            if (_tracks.RowOf(track) != SignalPair.Errors.Row || !_edges.CloseHour(scopeId))
                continue;
            if (_counts.Find(scopeId, SignalPair.SlowForBaseline.Row) is >= 0 and var slower)
                _baselines.Rebase(slower, _edges.Ratio(scopeId));
        }
    }

    private void Restore(int track, BaselineRow row, bool isNext)
    {
        _baselines.Restore(track, row, isNext, _tracks.Falls(track));
        _edges.Restore(_tracks.ScopeOf(track), row.Buckets.IsDefault ? [] : row.Buckets);
    }

    private void RestoreWaiting(int track)
    {
        var pair = _tracks.PairOf(track);
        var key = (pair.Scope, _counts.NameOf(track), pair.Name);
        if (_waiting.Remove(key, out var current))
            Restore(track, current, isNext: false);
        if (_waitingNext.Remove(key, out var next))
            Restore(track, next, isNext: true);
    }
}
