using SelfHeal.Core.Series;

namespace SelfHeal.Core.Detection;

/// <content>The eight looks at windows: gathered, scored together, and settled.</content>
public sealed partial class Detector
{
    private void LookAtWindows(TelemetryFold fold, in BlockRecord block)
    {
        // Hot path: allocation-free unless more is going on than ever before.
        _rises.Clear();
        _falls.Clear();
        _touchedCount = 0;
        var longest = LookSchedule.WindowCount - 1;
        for (var track = 0; track < _tracks.Count; track++)
        {
            // An unknown block leaves every statistic as it was.
            if (!_tracks.IsKnown(track))
                continue;
            if (_tracks.PairOf(track).Falls)
                GatherFall(track);
            else if (_tracks.Events(track, longest) > 0)
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
        memory.StopWindows();
        ForgetIfIdle(track);
    }

    private void GatherRise(int track)
    {
        var memory = Touch(track);
        var judgesItself = MayJudgeItself(track);
        var siblings = _siblings.Of(track);
        for (var window = 0; window < LookSchedule.WindowCount; window++)
        {
            var events = _tracks.Events(track, window);
            var total = _tracks.Total(track, window);
            var place = LookSchedule.Place(LookKind.OwnWindow, window);

            // l rises from 0 with slope k (e - m)/(k + m) and is concave in ln r: at or below m events F cannot be
            // above 0.
            var expected = total * _baselines.Ratio(track);
            if (judgesItself && events > expected)
                _rises.Add(track, place, events, expected, _baselines.Shape(track, LookKind.OwnWindow, window));
            else
                memory?.Follow(place, isAbove: false, default);
            if (siblings.IsEmpty || !IsAnyKnown(siblings))
                continue;
            var input = Input(track, LookKind.Contrast, window);
            if (input.SiblingTotal == 0)
                continue;
            place = LookSchedule.Place(LookKind.Contrast, window);
            expected = Contrast.Expected(total, input.SiblingEvents, input.SiblingTotal, _baselines.Ratio(track));
            if (events > expected)
                _rises.Add(track, place, events, expected, _baselines.Shape(track, LookKind.Contrast, window));
            else
                memory?.Follow(place, isAbove: false, default);
        }
    }

    /// <summary>
    /// Versions of one service are looked at together: traffic that was shifted from one to another has not gone.
    /// </summary>
    private void GatherFall(int track)
    {
        if (!_siblings.IsFirst(track) || !MayJudgeItself(track))
            return;
        var memory = Touch(track);
        for (var window = 0; window < LookSchedule.WindowCount; window++)
        {
            var input = Input(track, LookKind.OwnWindow, window);
            var terms = Terms(track, LookKind.OwnWindow, window);
            var expected = input.Total * terms.Baseline;
            var place = LookSchedule.Place(LookKind.OwnWindow, window);
            if (input.Events < expected)
                _falls.Add(track, place, input.Events, expected, terms.Shape);
            else
                memory?.Follow(place, isAbove: false, default);
        }
    }

    private LookMemory? Touch(int track)
    {
        if (_touchedCount == _touched.Length)
            Array.Resize(ref _touched, _touchedCount * 2);
        _touched[_touchedCount++] = track;
        var memory = _memories[track];
        if (memory is not null)
            memory.IsSuspect = false;
        return memory;
    }

    private void Settle(TelemetryFold fold, LookBatch looks, in BlockRecord block)
    {
        for (var i = 0; i < looks.Count; i++)
        {
            var track = looks.TrackAt(i);
            var place = looks.PlaceAt(i);
            var bound = looks.BoundAt(i);
            if (bound <= 0)
            {
                _memories[track]?.Follow(place, isAbove: false, default);
                continue;
            }

            var memory = Remember(track);
            memory.Follow(place, isAbove: true, block.Start);
            if (bound < _judge.SuspectThreshold)
                continue;
            var result = Result(fold, track, LookSchedule.KindAt(place), LookSchedule.WindowAt(place), block);
            if (!result.IsSuspect)
                continue;
            memory.IsSuspect = true;
            AddFinding(result);
        }
    }

    private void CountPersistence(int track, LookMemory memory, in BlockRecord block)
    {
        memory.Own = memory.IsAnyRunning(LookKind.OwnWindow)
            ? memory.Own.Next(HoldsInNewest(track, LookKind.OwnWindow), block.End)
            : default;
        memory.Against = memory.IsAnyRunning(LookKind.Contrast)
            ? memory.Against.Next(HoldsInNewest(track, LookKind.Contrast), block.End)
            : default;
        ForgetIfIdle(track);
    }

    private bool HoldsInNewest(int track, LookKind kind)
    {
        var input = Input(track, kind, window: 0);
        return (kind == LookKind.Contrast ? input.SiblingTotal > 0 : input.Total > 0)
            && _judge.EffectHolds(kind, input, Terms(track, kind, window: 0));
    }

    private bool MayJudgeItself(int track) =>
        !_tracks.PairOf(track).NeedsHistory || _baselines.HasHistory(track);

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
