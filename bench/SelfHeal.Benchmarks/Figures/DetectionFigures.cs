using System.Globalization;
using SelfHeal.Benchmarks.Simulation;
using SelfHeal.Core.Detection;

namespace SelfHeal.Benchmarks.Figures;

/// <summary>
/// How long a fault goes unseen, and whether one that clears by itself would have been acted on. A week of history, J of
/// 1,000, p0 0.002, true shape 2; the onset is anywhere within a flush. Medians, from onset to the end of the flush that
/// breaches.
/// </summary>
internal sealed class DetectionFigures : IFigureProvider
{
    private const int WeekBlocks = 7 * 17_280;
    private const int Services = 100;
    private const int Repeats = 5;
    private const int QuietBlocks = 360;
    private const int PatienceBlocks = 120;
    private const double Ratio = 0.002;

    public IReadOnlyList<string> Names { get; } =
    [
        "stats.detect_100x_20rps_s", "stats.detect_47x_s", "stats.detect_canary_30pct_s", "stats.detect_canary_5pct_s",
        "stats.transient_ring2_percent",
    ];

    public Task MeasureAsync(FigureRun run, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(run);
        SimulatedSystem[] systems = [Warm(20, 71), Warm(200, 72)];
        Detect(run, systems[0], "stats.detect_100x_20rps_s", 100 * Ratio, 100 * Ratio, "20 req/s, own baseline");
        Detect(run, systems[1], "stats.detect_47x_s", 47 * Ratio, 47 * Ratio, "200 req/s, own baseline");
        Detect(run, systems[1], "stats.detect_canary_30pct_s", 0, 0.3, "a tenth of 200 req/s");
        Detect(run, systems[1], "stats.detect_canary_5pct_s", 0, 0.05, "a tenth of 200 req/s");
        Transients(run, systems[1]);
        return Task.CompletedTask;
    }

    private static SimulatedSystem Warm(double rate, ulong seed)
    {
        var system = new SimulatedSystem(new SystemOptions(rate, 2, 5, double.PositiveInfinity)
        {
            Services = Services,
            Series = 1_000,
            Seed = seed,
        });
        for (var block = 0; block < WeekBlocks + QuietBlocks; block++)
            system.Step();
        return system;
    }

    private static void Detect(
        FigureRun run, SimulatedSystem system, string name, double stable, double canary, string what)
    {
        var chance = new Chance(5);
        var seconds = new List<double>();
        var unseen = 0;
        for (var repeat = 0; repeat < Repeats; repeat++)
        {
            var onsets = Enumerable.Range(0, Services)
                .Select(_ => chance.Unit() * SimulatedSystem.BlockSeconds).ToArray();
            var seen = new double[Services];
            for (var block = 0; block < PatienceBlocks && seen.Contains(0); block++)
            {
                var start = block * SimulatedSystem.BlockSeconds;
                system.Step(
                    [.. onsets.Select(onset => new Fault(onset - start, double.PositiveInfinity, stable, canary))]);
                foreach (ref readonly var finding in system.Detector.Findings)
                {
                    var service = SimulatedSystem.ServiceOf(finding.Scope);
                    if (finding.Verdict == Verdict.Breach && seen[service] == 0)
                        seen[service] = start + SimulatedSystem.BlockSeconds - onsets[service];
                }
            }

            unseen += seen.Count(static s => s == 0);
            seconds.AddRange(seen.Select(static s => s == 0 ? double.PositiveInfinity : s));
            Calm(system);
        }

        seconds.Sort();
        run.Add(name, seconds[seconds.Count / 2], "s", string.Create(
            CultureInfo.InvariantCulture,
            $"{what}; median of {seconds.Count} faults, p90 {seconds[seconds.Count * 9 / 10]:F1} s, {unseen} not seen in "
            + $"{PatienceBlocks * SimulatedSystem.BlockSeconds:F0} s; k and kc from a simulated week"));
    }

    /// <summary>Canaries that fail 30 % for up to a minute: would persistence have let an action through?</summary>
    private static void Transients(FigureRun run, SimulatedSystem system)
    {
        int[] flushes = [1, 2, 3, 6];
        var acted = new int[flushes.Length];
        var ring2 = 0;
        var cases = 0;
        var chance = new Chance(6);
        for (var repeat = 0; repeat < 2 * Repeats; repeat++)
        {
            var onsets = Enumerable.Range(0, Services)
                .Select(_ => chance.Unit() * SimulatedSystem.BlockSeconds).ToArray();
            var ends = onsets.Select(onset => onset + 5 + (chance.Unit() * 55)).ToArray();
            var most = new int[Services];
            var lasted = new TimeSpan[Services];
            for (var block = 0; block < 20; block++)
            {
                var start = block * SimulatedSystem.BlockSeconds;
                system.Step([.. onsets.Zip(ends, (onset, end) => new Fault(onset - start, end - start, 0, 0.3))]);
                foreach (ref readonly var finding in system.Detector.Findings)
                {
                    if (finding.Verdict != Verdict.Breach)
                        continue;
                    var held = system.Detector.Persistence(finding.ScopeId, finding.Pair, finding.Kind);
                    if (!held.HoldsInNewest)
                        continue;
                    var service = SimulatedSystem.ServiceOf(finding.Scope);
                    most[service] = Math.Max(most[service], held.Flushes);
                    lasted[service] = held.Lasted > lasted[service] ? held.Lasted : lasted[service];
                }
            }

            for (var i = 0; i < flushes.Length; i++)
                acted[i] += most.Count(m => m >= flushes[i]);
            ring2 += lasted.Count(static l => l >= TimeSpan.FromSeconds(60));
            cases += Services;
            Calm(system);
        }

        var shares = string.Join(", ", flushes.Select((f, i) => string.Create(
            CultureInfo.InvariantCulture, $"{f}: {100.0 * acted[i] / cases:F1} %")));
        run.Add("stats.transient_ring2_percent", 100.0 * ring2 / cases, "%", string.Create(
            CultureInfo.InvariantCulture,
            $"of {cases} faults of 5 to 60 s, an effect shown to last 60 s; ring 1 by flushes of persistence: {shares}"));
    }

    private static void Calm(SimulatedSystem system)
    {
        for (var block = 0; block < QuietBlocks; block++)
            system.Step(block < 24 ? new Fault?[Services] : null);
    }
}
