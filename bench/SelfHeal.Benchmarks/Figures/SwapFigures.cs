using System.Globalization;
using SelfHeal.Lab.Processes;
using SelfHeal.Lab.Swaps;

namespace SelfHeal.Benchmarks.Figures;

/// <summary>
/// A thousand swaps of routes and clusters under load on a real Envoy, half of them in each variant of the protocol:
/// how many answers found the configuration torn.
/// </summary>
internal sealed class SwapFigures : IFigureProvider
{
    private const string Failures = "xds.swap_failures";
    private const int SwapsOfEach = 500;

    public IReadOnlyList<string> Names { get; } = [Failures];

    public async Task MeasureAsync(FigureRun run, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(run);
        var envoy = EnvoyBinary.Find()
            ?? throw new InvalidOperationException("no Envoy: set ENVOY_BIN or put envoy into PATH");
        var (failures, notes) = (0L, new List<string>());
        foreach (var delta in (bool[])[false, true])
        {
            var report = await SwapAsync(envoy, delta, cancellationToken);
            if (report.TransportErrors > 0 || report.Answers < SwapsOfEach)
            {
                throw new InvalidDataException(
                    $"{report.Answers} answers and {report.TransportErrors} requests without one, expected at least "
                    + $"{SwapsOfEach} and none");
            }

            failures += report.Failures;
            var flags = string.Join(
                ", ", report.Flags.Select(static flag => $"{flag.Key} {flag.Value}").DefaultIfEmpty("none"));
            notes.Add(string.Create(
                CultureInfo.InvariantCulture,
                $"{(delta ? "delta" : "SotW")}: {report.Swaps} swaps in {report.Elapsed.TotalSeconds:F0} s, "
                + $"{report.Awaited} awaited, {report.Answers} answers, {report.Rejected} NACKs, flags: {flags}"));
        }

        run.Add(Failures, failures, "answers with NR, NC or UH", string.Join("; ", notes));
    }

    private static async Task<SwapReport> SwapAsync(string envoy, bool delta, CancellationToken cancellationToken)
    {
        var directory = Directory.CreateTempSubdirectory("selfheal-swaps-").FullName;
        try
        {
            var options = new SwapOptions
            {
                Envoy = envoy,
                SelfHeal = new SelfHealProgram(Path.Combine(AppContext.BaseDirectory, "selfheal"), []),
                Directory = directory,
                Swaps = SwapsOfEach,
                Delta = delta,
                Seed = delta ? 12UL : 11UL,
            };
            await using var swaps = new SwapRun(options, TimeProvider.System);
            return await swaps.RunAsync(cancellationToken);
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }
}
