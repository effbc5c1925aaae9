using System.Collections.Immutable;

namespace SelfHeal.Core.Detection;

/// <summary>
/// What is normal for every series: the same hour of the week over four weeks, shrunken to the series' own mean, and
/// that to the declared default. Only the current and the next hour are here; the others wait outside. Nothing is
/// learned from a block before it is twelve blocks old and no incident has been opened about it.
/// </summary>
internal sealed class BaselineTable(DetectionOptions options)
{
    // A week weighs three quarters of the one after it: the sum of the weights is that of four whole weeks.
    private const double WeekWeight = 0.75;
    private double[] _openEvents = new double[64];
    private double[] _openTotal = new double[64];
    private double[] _hourEvents = new double[64];
    private double[] _hourTotal = new double[64];
    private double[] _nextEvents = new double[64];
    private double[] _nextTotal = new double[64];
    private double[] _allEvents = new double[64];
    private double[] _allTotal = new double[64];
    private double[] _ratio = new double[64];
    private bool[] _isLearned = new bool[64];
    private readonly float[][] _shapes = Columns();
    private ShapeHistory?[] _histories = new ShapeHistory?[64];

    /// <summary>p0 of a series.</summary>
    public double Ratio(int track) => _ratio[track];

    /// <summary>Whether p0 comes from history.</summary>
    public bool HasHistory(int track) => _allTotal[track] > 0;

    /// <summary>Makes room for a series.</summary>
    public void Add(int track, int capacity, bool falls)
    {
        if (capacity > _ratio.Length)
            Grow(capacity);
        for (var kind = 0; kind < ShapeHistory.Kinds; kind++)
            _shapes[kind][track] = (float)(kind < ShapeHistory.FirstContrast ? options.Shape : options.ContrastShape);
        Settle(track, falls);
    }

    /// <summary>What a look of a series compares with.</summary>
    /// <param name="track">The series.</param>
    /// <param name="kind">How it compares.</param>
    /// <param name="window">Which window; ignored for the slow look.</param>
    /// <param name="falls">Whether trouble is that events are missing.</param>
    public LookTerms Terms(int track, LookKind kind, int window, bool falls)
    {
        var source = HasHistory(track) ? BaselineSource.History : BaselineSource.DeclaredDefault;
        return new LookTerms(
            _ratio[track], _shapes[KindOf(kind, window)][track], source, _hourEvents[track], _hourTotal[track], falls);
    }

    /// <summary>k of a window.</summary>
    public double OwnShape(int track, int window) => _shapes[window][track];

    /// <summary>kc of a window.</summary>
    public double ContrastShape(int track, int window) => _shapes[ShapeHistory.FirstContrast + window][track];

    /// <summary>Learns blocks that no window holds any more, twelve or fewer.</summary>
    /// <param name="track">The series.</param>
    /// <param name="blocks">Its counts and its siblings' in each, the oldest first.</param>
    public void Learn(int track, ReadOnlySpan<LearnedBlock> blocks)
    {
        // Hot path: allocation-free once a series has had an event.
        var events = 0.0;
        var total = 0.0;
        foreach (ref readonly var block in blocks)
        {
            events += block.Events;
            total += block.Total;
        }

        _openEvents[track] += events;
        _openTotal[track] += total;
        if (events > 0)
            _histories[track] ??= new ShapeHistory();
        _histories[track]?.Add(blocks);
    }

    /// <summary>Whether the series has had an event, so that its shapes are being learned.</summary>
    public bool HasShapes(int track) => _histories[track] is not null;

    /// <summary>Learns trials without an event.</summary>
    public void LearnQuiet(int track, long total) => _openTotal[track] += total;

    public void LearnSlow(int track, long events, long total) => _histories[track]?.AddSlow(events, total);

    /// <summary>The hour ends: what it taught joins its past.</summary>
    /// <param name="track">The series.</param>
    /// <param name="keepNext">Whether the hour that was read ahead is the one that begins.</param>
    /// <param name="falls">Whether trouble is that events are missing.</param>
    public void CloseHour(int track, bool keepNext, bool falls)
    {
        var events = (WeekWeight * _hourEvents[track]) + _openEvents[track];
        var total = (WeekWeight * _hourTotal[track]) + _openTotal[track];
        _allEvents[track] = Math.Max(0, _allEvents[track] - _hourEvents[track] + events);
        _allTotal[track] = Math.Max(0, _allTotal[track] - _hourTotal[track] + total);
        _isLearned[track] = true;
        (_hourEvents[track], _hourTotal[track]) = keepNext ? (_nextEvents[track], _nextTotal[track]) : (0, 0);
        (_nextEvents[track], _nextTotal[track]) = (0, 0);
        (_openEvents[track], _openTotal[track]) = (0, 0);
        Settle(track, falls);
    }

    /// <summary>A series as it would be after the hour that is ending: what is to be stored.</summary>
    public BaselineRow Row(int track, SignalPair pair, string name)
    {
        var events = (WeekWeight * _hourEvents[track]) + _openEvents[track];
        var total = (WeekWeight * _hourTotal[track]) + _openTotal[track];
        return new BaselineRow(
            pair.Scope,
            name,
            pair.Name,
            events,
            total,
            Math.Max(0, _allEvents[track] - _hourEvents[track] + events),
            Math.Max(0, _allTotal[track] - _hourTotal[track] + total),
            _histories[track]?.Past ?? ImmutableArray<double>.Empty);
    }

    /// <summary>A week ends.</summary>
    /// <param name="track">The series.</param>
    /// <param name="isWhole">Whether the week was watched from its start.</param>
    public void CloseWeek(int track, bool isWhole)
    {
        if (_histories[track] is not { } history)
            return;
        history.CloseWeek(isWhole);
        Choose(track, history);
    }

    /// <summary>What counts as an event has changed: all history is taken anew.</summary>
    /// <param name="track">A series that rises.</param>
    /// <param name="history">Events and trials of all hours, as they would have been counted.</param>
    public void Rebase(int track, (double Events, double Total) history)
    {
        (_allEvents[track], _allTotal[track]) = history;
        (_hourEvents[track], _hourTotal[track]) = (0, 0);
        (_nextEvents[track], _nextTotal[track]) = (0, 0);
        (_openEvents[track], _openTotal[track]) = (0, 0);
        Settle(track, falls: false);
    }

    /// <summary>Takes over what was stored of a series for the current or the next hour.</summary>
    public void Restore(int track, BaselineRow row, bool isNext, bool falls)
    {
        if (isNext)
            (_nextEvents[track], _nextTotal[track]) = (row.HourEvents, row.HourTotal);
        else
            (_hourEvents[track], _hourTotal[track]) = (row.HourEvents, row.HourTotal);

        // What this process has learned itself is newer than what is stored.
        if (!_isLearned[track])
        {
            (_allEvents[track], _allTotal[track]) = (row.AllEvents, row.AllTotal);
            if (!row.Shapes.IsDefaultOrEmpty)
            {
                var history = _histories[track] ??= new ShapeHistory();
                history.Restore(row.Shapes);
                Choose(track, history);
            }
        }

        Settle(track, falls);
    }

    /// <summary>
    /// p0 = (E + kappa p) / (N + kappa) of the hour, where p is the series' mean, shrunken in the same way to the
    /// declared default; at least 1/(N + kappa) of all history, so that a history without an event needs no special
    /// case. A rate of completions has no declared default: it is the plain mean.
    /// </summary>
    private void Settle(int track, bool falls)
    {
        var weight = options.ShrinkageWeight;
        if (falls)
        {
            var mean = _allTotal[track] > 0 ? _allEvents[track] / _allTotal[track] : 0;
            _ratio[track] = _hourTotal[track] > 0
                ? (_hourEvents[track] + (TimeWeight * mean)) / (_hourTotal[track] + TimeWeight)
                : mean;
            return;
        }

        var series = (_allEvents[track] + (weight * options.BaselineRatio)) / (_allTotal[track] + weight);
        var hour = (_hourEvents[track] + (weight * series)) / (_hourTotal[track] + weight);
        _ratio[track] = Math.Max(hour, 1 / (_allTotal[track] + weight));
    }

    private static int KindOf(LookKind kind, int window) => kind switch
    {
        LookKind.Contrast => ShapeHistory.FirstContrast + window,
        LookKind.Slow => ShapeHistory.Slow,
        _ => window,
    };

    private static float[][] Columns()
    {
        var columns = new float[ShapeHistory.Kinds][];
        for (var kind = 0; kind < columns.Length; kind++)
            columns[kind] = new float[64];
        return columns;
    }

    private void Choose(int track, ShapeHistory history)
    {
        for (var kind = 0; kind < ShapeHistory.Kinds; kind++)
        {
            if (history.Smallest(kind) is > 0 and var shape)
                _shapes[kind][track] = (float)shape;
        }
    }

    // Five minutes of an hour are worth as much as all the others.
    private const double TimeWeight = 300_000;

    private void Grow(int length)
    {
        Array.Resize(ref _openEvents, length);
        Array.Resize(ref _openTotal, length);
        Array.Resize(ref _hourEvents, length);
        Array.Resize(ref _hourTotal, length);
        Array.Resize(ref _nextEvents, length);
        Array.Resize(ref _nextTotal, length);
        Array.Resize(ref _allEvents, length);
        Array.Resize(ref _allTotal, length);
        Array.Resize(ref _ratio, length);
        Array.Resize(ref _isLearned, length);
        Array.Resize(ref _histories, length);
        for (var kind = 0; kind < _shapes.Length; kind++)
            Array.Resize(ref _shapes[kind], length);
    }
}
