using System.Collections.Immutable;

namespace SelfHeal.Core.Detection;

/// <summary>
/// How bursty one series is, for each length of window: estimated from whole weeks, of four weeks the smallest, halved,
/// so that what is claimed has been seen to hold. Made for a series when it has its first event.
/// </summary>
internal sealed class ShapeHistory
{
    /// <summary>Shapes in one week: four own windows, the slow look, four contrast windows.</summary>
    public const int Kinds = LookSchedule.WindowCount + 1 + LookSchedule.WindowCount;

    /// <summary>The burstiest that is believed.</summary>
    public const double Least = 0.25;

    private const double Most = 64;
    private const int Weeks = 4;
    private const int SlowKind = LookSchedule.WindowCount;
    private const double EventsForTrust = 200;
    private const double MostWithoutTrust = 1;
    private readonly ShapeSums[] _own = new ShapeSums[LookSchedule.WindowCount + 1];
    private readonly ContrastSums[] _contrast = new ContrastSums[LookSchedule.WindowCount];
    private readonly Tumbling[] _open = new Tumbling[LookSchedule.WindowCount];
    private readonly double[] _past = new double[Weeks * Kinds];
    private readonly double[] _shapes = new double[Kinds];
    private bool _isWeekWhole;

    /// <summary>An empty history: the declared shapes hold.</summary>
    public ShapeHistory(double shape, double contrastShape)
    {
        _shapes.AsSpan(0, SlowKind + 1).Fill(shape);
        _shapes.AsSpan(SlowKind + 1).Fill(contrastShape);
    }

    /// <summary>The past weeks' estimates, the newest week first.</summary>
    public ImmutableArray<double> Past => [.. _past];

    public double Own(int window) => _shapes[window];

    public double Slow => _shapes[SlowKind];

    public double Contrast(int window) => _shapes[SlowKind + 1 + window];

    /// <summary>Takes over what was stored.</summary>
    public void Restore(ImmutableArray<double> past)
    {
        if (past.IsDefaultOrEmpty)
            return;
        past.AsSpan(0, Math.Min(past.Length, _past.Length)).CopyTo(_past);
        Choose();
    }

    /// <summary>Adds a block.</summary>
    public void Add(double events, double total, double siblingEvents, double siblingTotal)
    {
        // Hot path: allocation-free.
        for (var window = 0; window < LookSchedule.WindowCount; window++)
        {
            ref var open = ref _open[window];
            open.Events += events;
            open.Total += total;
            open.SiblingEvents += siblingEvents;
            open.SiblingTotal += siblingTotal;
            if (++open.Blocks < LookSchedule.Windows[window])
                continue;
            _own[window].Add(open.Events, open.Total);
            _contrast[window].Add(open.Events, open.Total, open.SiblingEvents, open.SiblingTotal);
            open = default;
        }
    }

    /// <summary>Adds a block of the slow look.</summary>
    public void AddSlow(double events, double total) => _own[SlowKind].Add(events, total);

    /// <summary>A week ends. The first one was seen in part and says nothing.</summary>
    public void CloseWeek()
    {
        if (_isWeekWhole)
        {
            _past.AsSpan(0, _past.Length - Kinds).CopyTo(_past.AsSpan(Kinds));
            for (var kind = 0; kind <= SlowKind; kind++)
                _past[kind] = Limit(_own[kind].Estimate(), _own[kind].Events);
            for (var window = 0; window < LookSchedule.WindowCount; window++)
                _past[SlowKind + 1 + window] = Limit(_contrast[window].Estimate(), _contrast[window].Events);
            Choose();
        }

        _isWeekWhole = true;
        Array.Clear(_own);
        Array.Clear(_contrast);
        Array.Clear(_open);
    }

    /// <summary>Half of what a week showed, within limits; 0 where it showed nothing.</summary>
    private static double Limit(double estimate, double events)
    {
        if (estimate == 0)
            return 0;
        var most = events < EventsForTrust ? MostWithoutTrust : Most;
        return Math.Clamp(estimate / 2, Least, most);
    }

    private void Choose()
    {
        for (var kind = 0; kind < Kinds; kind++)
        {
            var smallest = double.PositiveInfinity;
            for (var week = 0; week < Weeks; week++)
            {
                var shape = _past[(week * Kinds) + kind];
                if (shape > 0)
                    smallest = Math.Min(smallest, shape);
            }

            if (!double.IsPositiveInfinity(smallest))
                _shapes[kind] = smallest;
        }
    }

    private struct Tumbling
    {
        public double Events;
        public double Total;
        public double SiblingEvents;
        public double SiblingTotal;
        public int Blocks;
    }
}
