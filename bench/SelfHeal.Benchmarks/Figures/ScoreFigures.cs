using System.Diagnostics;
using System.Globalization;
using SelfHeal.Benchmarks.Subjects;

namespace SelfHeal.Benchmarks.Figures;

/// <summary>One evaluation of 100,000 series, all looks, on one core.</summary>
internal sealed class ScoreFigures : IFigureProvider
{
    private const int SeriesWanted = 100_000;
    private const int RoundCount = 24;

    public IReadOnlyList<string> Names { get; } =
        ["stats.score_100k_ms", "stats.score_100k_busy_ms", "stats.score_allocated_bytes"];

    public Task MeasureAsync(FigureRun run, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(run);
        var usual = Measure(new DetectorSubject(SeriesWanted, withEventsPerMille: 100, runningPerMille: 10));
        run.Add(
            "stats.score_100k_ms", usual.Best.TotalMilliseconds, "ms",
            $"a tenth has events in the window, a hundredth a running CUSUM; {usual}");
        var busy = Measure(new DetectorSubject(SeriesWanted, withEventsPerMille: 1_000, runningPerMille: 1_000));
        run.Add(
            "stats.score_100k_busy_ms", busy.Best.TotalMilliseconds, "ms",
            $"all have events in the window and a running CUSUM; {busy}");
        run.Add(
            "stats.score_allocated_bytes", Math.Max(usual.Allocated, busy.Allocated), "B/tick",
            $"the round of {RoundCount} that allocated least");
        return Task.CompletedTask;
    }

    private static Result Measure(IScoringSubject subject)
    {
        using var pinned = CoreAffinity.PinThread();
        var best = TimeSpan.MaxValue;
        var all = new List<double>();
        var fewest = long.MaxValue;
        for (var round = 0; round < RoundCount; round++)
        {
            subject.Feed();
            var before = GC.GetAllocatedBytesForCurrentThread();
            var start = Stopwatch.GetTimestamp();
            subject.Evaluate();
            var elapsed = Stopwatch.GetElapsedTime(start);
            fewest = Math.Min(fewest, GC.GetAllocatedBytesForCurrentThread() - before);
            best = elapsed < best ? elapsed : best;
            all.Add(elapsed.TotalMilliseconds);
        }

        if (subject.Series < SeriesWanted)
            throw new InvalidOperationException($"{subject.Series} series are looked at, expected {SeriesWanted}");
        all.Sort();
        return new Result(best, all[all.Count / 2], fewest, subject.Series, subject.Findings);
    }

    private sealed record Result(TimeSpan Best, double MedianMillis, long Allocated, int Series, long Findings)
    {
        public override string ToString() => string.Create(
            CultureInfo.InvariantCulture,
            $"{Series} series, best of {RoundCount} ticks, median {MedianMillis:F1} ms, {Findings} findings in all");
    }
}
