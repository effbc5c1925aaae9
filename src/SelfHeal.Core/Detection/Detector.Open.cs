using SelfHeal.Core.Series;

namespace SelfHeal.Core.Detection;

/// <content>
/// The open block, looked at as it fills: with many proxies at different phases a fault would otherwise wait for the
/// last of them. This costs no bound. While one draw of luck lasts, the ratio of the two negative-binomial likelihoods
/// is a martingale in the requests seen, so by Ville's inequality its largest value on the way passes a bar no more
/// often than the bar allows at the end.
/// </content>
public sealed partial class Detector
{
    private readonly LookBatch _opens = new(Likelihood.RiseSizes, Likelihood.RiseLogs);
    private long[] _openEvents = [];
    private long[] _openTotals = [];

    /// <summary>Whether the open block, joined to the closed ones before it, is already a breach of a series that was
    /// not suspect at the last block.</summary>
    /// <param name="fold">The blocks.</param>
    public bool IsOpenInBreach(TelemetryFold fold)
    {
        // Hot path: allocation-free unless there are more series than ever before.
        ArgumentNullException.ThrowIfNull(fold);
        if (_openEvents.Length < _tracks.Capacity)
        {
            _openEvents = new long[_tracks.Capacity];
            _openTotals = new long[_tracks.Capacity];
        }

        _opens.Clear();
        _counts.TakeOpen(fold, _openEvents, _openTotals, _tracks.Count);
        for (var track = 0; track < _tracks.Count; track++)
        {
            if (_openEvents[track] > 0 && _memories[track] is not { IsSuspect: true })
                GatherOpen(track);
        }

        _opens.Score();
        for (var i = 0; i < _opens.Count; i++)
        {
            if (_opens.BoundAt(i) >= _judge.Threshold && IsOpenBreach(_opens.TrackAt(i), _opens.PlaceAt(i)))
                return true;
        }

        return false;
    }

    private void GatherOpen(int track)
    {
        for (var window = 0; window < LookSchedule.WindowCount; window++)
        {
            if (MayJudgeItself(track))
                AddOpen(track, LookKind.OwnWindow, window);
            if (!_siblings.Of(track).IsEmpty)
                AddOpen(track, LookKind.Contrast, window);
        }
    }

    private void AddOpen(int track, LookKind kind, int window)
    {
        var input = OpenInput(track, kind, window);
        var terms = Terms(track, kind, window);
        if (kind == LookKind.Contrast && input.SiblingTotal == 0)
            return;
        var expected = kind == LookKind.Contrast
            ? Contrast.Expected(input.Total, input.SiblingEvents, input.SiblingTotal, terms.Baseline)
            : input.Total * terms.Baseline;
        if (input.Events > expected)
            _opens.Add(track, LookSchedule.Place(kind, window), input.Events, expected, terms.Shape);
    }

    private bool IsOpenBreach(int track, int place)
    {
        var kind = LookSchedule.KindAt(place);
        var window = LookSchedule.WindowAt(place);
        var input = OpenInput(track, kind, window);
        var terms = Terms(track, kind, window);
        var statistic = LookJudge.Statistic(kind, input, terms);
        return _judge.Judge(kind, input, terms, statistic, isMeasured: true).Verdict == Verdict.Breach;
    }

    /// <summary>The counts of a window whose newest block is the open one.</summary>
    private LookInput OpenInput(int track, LookKind kind, int window)
    {
        var (events, total) = OpenCounts(track, window);
        if (kind != LookKind.Contrast)
            return new LookInput(events, total, 0, 0);
        var siblingEvents = 0L;
        var siblingTotal = 0L;
        foreach (var sibling in _siblings.Of(track))
        {
            var (other, of) = OpenCounts(sibling, window);
            siblingEvents += other;
            siblingTotal += of;
        }

        return new LookInput(events, total, siblingEvents, siblingTotal);
    }

    private (long Events, long Total) OpenCounts(int track, int window)
    {
        var (oldest, oldestTotal) = _tracks.At(track, _evaluated - LookSchedule.Windows[window] + 1);
        return (
            _openEvents[track] + _tracks.Events(track, window) - oldest,
            _openTotals[track] + _tracks.Total(track, window) - oldestTotal);
    }
}
