using System.Globalization;
using SelfHeal.Benchmarks.Simulation;
using SelfHeal.Core.Detection;

namespace SelfHeal.Benchmarks.Figures;

/// <summary>
/// Services with nothing wrong, at all shapes, memories and rates of the design: a week of history, from which baselines
/// and shapes are learned as in production, then fifteen days in which every breach of any look is a false alarm.
/// </summary>
internal sealed class FalseAlarmFigures : IFigureProvider
{
    private const int DayBlocks = 17_280;
    private const int HistoryDays = 7;
    private const int JudgedDays = 15;

    /// <summary>Breaches of one service within an hour are one alarm.</summary>
    private const int AlarmBlocks = 720;

    private static readonly double Shared = double.PositiveInfinity;

    private static readonly SystemOptions[] Cells =
    [
        .. from shape in (double[])[0.5, 2]
           from memory in (double[])[1, 5, 15]
           from rate in (double[])[0.2, 2, 20, 200]
           select new SystemOptions(rate, shape, memory, Shared),
        .. from own in (double[])[4, 16]
           from rate in (double[])[20, 200]
           select new SystemOptions(rate, 2, 5, own),
    ];

    public IReadOnlyList<string> Names { get; } = ["stats.false_alarms_per_1000_days"];

    public Task MeasureAsync(FigureRun run, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(run);
        var results = new int[Cells.Length];
        Parallel.For(0, Cells.Length, new ParallelOptions { CancellationToken = cancellationToken }, cell =>
            results[cell] = Simulate(Cells[cell] with { Seed = (ulong)(1_000 + cell) }));
        var days = Cells[0].Services * JudgedDays;
        for (var cell = 0; cell < Cells.Length; cell++)
        {
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"    {Cells[cell].Rate,5} req/s, shape {Cells[cell].Shape}, memory {Cells[cell].MemoryMinutes,2} min, "
                + $"own shape {Cells[cell].OwnShape,8}: {results[cell]} alarms in {days} days"));
        }

        run.Add(
            "stats.false_alarms_per_1000_days",
            1_000.0 * results.Max() / days,
            "alarms",
            $"the worst of {Cells.Length} cells of {days} service-days after a week of history each; "
            + $"{results.Sum()} alarms in {days * Cells.Length} days in all");
        return Task.CompletedTask;
    }

    private static int Simulate(SystemOptions options)
    {
        var system = new SimulatedSystem(options);
        var last = new long[options.Services];
        Array.Fill(last, long.MinValue / 2);
        for (var block = 0; block < (HistoryDays * DayBlocks) + 24; block++)
            system.Step();
        var alarms = 0;
        for (long block = 0; block < JudgedDays * DayBlocks; block++)
        {
            system.Step();
            foreach (ref readonly var finding in system.Detector.Findings)
            {
                if (finding.Verdict != Verdict.Breach)
                    continue;
                var service = SimulatedSystem.ServiceOf(finding.Scope);
                alarms += block - last[service] > AlarmBlocks ? 1 : 0;
                last[service] = block;
            }
        }

        return alarms;
    }
}
