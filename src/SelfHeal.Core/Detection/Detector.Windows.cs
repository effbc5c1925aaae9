using SelfHeal.Core.Series;

namespace SelfHeal.Core.Detection;

/// <content>The eight looks at windows: gathered, scored together, and settled.</content>
public sealed partial class Detector
{
    private const int OwnBits = (1 << LookSchedule.WindowCount) - 1;
    private const int SlowBit = 1 << LookSchedule.WindowCount;
    private const int ContrastBits = OwnBits << (LookSchedule.WindowCount + 1);

    private void LookAtWindows(TelemetryFold fold, in BlockRecord block)
    {
        // Hot path: allocation-free unless more is going on than ever before.
        _rises.Clear();
        _falls.Clear();
        _touchedCount = 0;
        var events = _tracks.WindowEvents(LookSchedule.WindowCount - 1);
        for (var track = 0; track < events.Length; track++)
        {
            if (_tracks.Falls(track))
                GatherFall(track);
            else if (events[track] > 0)
                GatherRise(track);
            else if (_memories[track] is { } memory)
                Quiet(track, memory);
        }

        _rises.Score();
        _falls.Score();
        Settle(fold, _rises, block);
        Settle(fold, _falls, block);
        for (var i = 0; i < _touchedCount; i++)
        {
            if (_memories[_touched[i]] is { } memory)
                CountPersistence(_touched[i], memory, block);
        }
    }

    /// <summary>Without events every l(r) is below 0, and so is F.</summary>
    private void Quiet(int track, LookMemory memory)
    {
        if (!_tracks.IsKnown(track))
            return;
        memory.Own = default;
        memory.Against = default;
        memory.IsSuspect = false;
        _running[track] &= SlowBit;
        ForgetIfIdle(track);
    }

    private void GatherRise(int track)
    {
        // An unknown block leaves every statistic as it was.
        if (!_tracks.IsKnown(track))
            return;
        Touch(track);
        var ratio = _baselines.Ratio(track);
        var judgesItself = MayJudgeItself(track);
        var siblings = _siblings.Of(track);
        var hasSiblings = !siblings.IsEmpty && IsAnyKnown(siblings);
        for (var window = 0; window < LookSchedule.WindowCount; window++)
        {
            var events = (double)_tracks.Events(track, window);
            var total = (double)_tracks.Total(track, window);

            // l rises from 0 with slope k (e - m)/(k + m) and is concave in ln r: at or below m events F cannot be
            // above 0.
            var expected = total * ratio;
            if (judgesItself && events > expected)
                _rises.Add(track, window, events, expected, _baselines.OwnShape(track, window));
            else
                Follow(track, window, isAbove: false, default);
            if (hasSiblings)
                GatherContrast(track, window, siblings, events, total, ratio);
        }
    }

    private void GatherContrast(
        int track, int window, ReadOnlySpan<int> siblings, double events, double total, double ratio)
    {
        var siblingEvents = 0.0;
        var siblingTotal = 0.0;
        foreach (var sibling in siblings)
        {
            siblingEvents += _tracks.Events(sibling, window);
            siblingTotal += _tracks.Total(sibling, window);
        }

        if (siblingTotal == 0)
            return;
        var place = LookSchedule.Place(LookKind.Contrast, window);
        var expected = total * ((siblingEvents + 1) / (siblingTotal + (1 / ratio)));
        if (events > expected)
            _rises.Add(track, place, events, expected, _baselines.ContrastShape(track, window));
        else
            Follow(track, place, isAbove: false, default);
    }

    /// <summary>
    /// Versions of one service are looked at together: traffic that was shifted from one to another has not gone.
    /// </summary>
    private void GatherFall(int track)
    {
        if (!_tracks.IsKnown(track) || !MayJudgeItself(track) || !_siblings.IsFirst(track))
            return;
        Touch(track);
        for (var window = 0; window < LookSchedule.WindowCount; window++)
        {
            var input = Input(track, LookKind.OwnWindow, window);
            var terms = Terms(track, LookKind.OwnWindow, window);
            var expected = input.Total * terms.Baseline;
            if (input.Events < expected)
                _falls.Add(track, window, input.Events, expected, terms.Shape);
            else
                Follow(track, window, isAbove: false, default);
        }
    }

    private void Touch(int track)
    {
        if (_touchedCount == _touched.Length)
            Array.Resize(ref _touched, _touchedCount * 2);
        _touched[_touchedCount++] = track;
        if (_memories[track] is { } memory)
            memory.IsSuspect = false;
    }

    private void Settle(TelemetryFold fold, LookBatch looks, in BlockRecord block)
    {
        for (var i = 0; i < looks.Count; i++)
        {
            var track = looks.TrackAt(i);
            var place = looks.PlaceAt(i);
            var bound = looks.BoundAt(i);
            Follow(track, place, bound > 0, block.Start);
            if (bound < _judge.SuspectThreshold)
                continue;
            var result = Result(fold, track, LookSchedule.KindAt(place), LookSchedule.WindowAt(place), block);
            if (!result.IsSuspect)
                continue;
            Remember(track).IsSuspect = true;
            AddFinding(result);
        }
    }

    private void CountPersistence(int track, LookMemory memory, in BlockRecord block)
    {
        memory.Own = (_running[track] & OwnBits) != 0
            ? memory.Own.Next(HoldsInNewest(track, LookKind.OwnWindow), block.Start, block.End)
            : default;
        memory.Against = (_running[track] & ContrastBits) != 0
            ? memory.Against.Next(HoldsInNewest(track, LookKind.Contrast), block.Start, block.End)
            : default;
        ForgetIfIdle(track);
    }

    private bool HoldsInNewest(int track, LookKind kind)
    {
        // Where the newest block has no event, it shows no rise.
        if (!_tracks.Falls(track) && _tracks.Events(track, window: 0) == 0)
            return false;
        var input = Input(track, kind, window: 0);
        return (kind == LookKind.Contrast ? input.SiblingTotal > 0 : input.Total > 0)
            && _judge.EffectHolds(kind, input, Terms(track, kind, window: 0));
    }

    private bool MayJudgeItself(int track) => !_tracks.NeedsHistory(track) || _baselines.HasHistory(track);

    private bool IsAnyKnown(ReadOnlySpan<int> siblings)
    {
        foreach (var sibling in siblings)
        {
            if (_tracks.IsKnown(sibling))
                return true;
        }

        return false;
    }
}
