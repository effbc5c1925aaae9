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

    /// <summary>The place of the slow look's shape among the kinds.</summary>
    public const int Slow = LookSchedule.WindowCount;

    /// <summary>The place of the first contrast window's shape among the kinds.</summary>
    public const int FirstContrast = Slow + 1;

    private const double Most = 64;
    private const int Weeks = 4;
    private const int SlowGroup = 4;
    private const double EventsForTrust = 200;
    private const double MostWithoutTrust = 1;
    private readonly ShapeSums[] _own = new ShapeSums[LookSchedule.WindowCount + 1];
    private readonly ContrastSums[] _contrast = new ContrastSums[LookSchedule.WindowCount];
    private readonly double[] _past = new double[Weeks * Kinds];
    private ShapeSums _slowGroups;
    private LearnedBlock _openSlow;
    private int _openSlowBlocks;

    /// <summary>The past weeks' estimates, the newest week first.</summary>
    public ImmutableArray<double> Past => [.. _past];

    /// <summary>Takes over what was stored.</summary>
    public void Restore(ImmutableArray<double> past)
    {
        if (past.IsDefaultOrEmpty)
            return;
        past.AsSpan(0, Math.Min(past.Length, _past.Length)).CopyTo(_past);
    }

    /// <summary>Adds as many blocks as the longest window has; of fewer, the windows that are whole.</summary>
    public void Add(ReadOnlySpan<LearnedBlock> blocks)
    {
        // Hot path: allocation-free.
        for (var window = 0; window < LookSchedule.WindowCount; window++)
        {
            var length = LookSchedule.Windows[window];
            for (var start = 0; start + length <= blocks.Length; start += length)
            {
                var sum = default(LearnedBlock);
                foreach (ref readonly var block in blocks.Slice(start, length))
                    sum += block;
                _own[window].Add(sum.Events, sum.Total);
                _contrast[window].Add(sum.Events, sum.Total, sum.SiblingEvents, sum.SiblingTotal);
            }
        }
    }

    /// <summary>Adds a block of the slow look.</summary>
    public void AddSlow(double events, double total)
    {
        _own[Slow].Add(events, total);
        _openSlow += new LearnedBlock(events, total, 0, 0);
        if (++_openSlowBlocks < SlowGroup)
            return;
        _slowGroups.Add(_openSlow.Events, _openSlow.Total);
        _openSlow = default;
        _openSlowBlocks = 0;
    }

    /// <summary>A week ends.</summary>
    /// <param name="isWhole">Whether it was watched from its start; one that was seen in part says nothing.</param>
    public void CloseWeek(bool isWhole)
    {
        if (isWhole)
        {
            _past.AsSpan(0, _past.Length - Kinds).CopyTo(_past.AsSpan(Kinds));
            for (var kind = 0; kind < Slow; kind++)
                _past[kind] = Limit(_own[kind].Estimate(), _own[kind].Events);
            _past[Slow] = Limit(EstimateSlow(), _own[Slow].Events);
            for (var window = 0; window < LookSchedule.WindowCount; window++)
                _past[FirstContrast + window] = Limit(_contrast[window].Estimate(), _contrast[window].Events);
        }

        Array.Clear(_own);
        Array.Clear(_contrast);
        _slowGroups = default;
        _openSlow = default;
        _openSlowBlocks = 0;
    }

    /// <summary>
    /// A cumulative sum takes its blocks for independent. Where luck lasts longer than a block, four blocks together
    /// are less than four times as calm as one, and a fourth of what they show is what may be claimed of each.
    /// </summary>
    private double EstimateSlow()
    {
        var single = _own[Slow].Estimate();
        var group = _slowGroups.Estimate();
        return group == 0 ? single : Math.Min(single, group / SlowGroup);
    }

    /// <summary>Half of what a week showed, within limits; 0 where it showed nothing.</summary>
    private static double Limit(double estimate, double events)
    {
        if (estimate == 0)
            return 0;
        var most = events < EventsForTrust ? MostWithoutTrust : Most;
        return Math.Clamp(estimate / 2, Least, most);
    }

    /// <summary>The smallest shape of the weeks kept; 0 where none is known.</summary>
    public double Smallest(int kind)
    {
        var smallest = 0.0;
        for (var week = 0; week < Weeks; week++)
        {
            var shape = _past[(week * Kinds) + kind];
            if (shape > 0 && (smallest == 0 || shape < smallest))
                smallest = shape;
        }

        return smallest;
    }
}
