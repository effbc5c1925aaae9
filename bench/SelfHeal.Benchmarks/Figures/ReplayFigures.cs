using System.Diagnostics;
using System.Globalization;
using SelfHeal.Sidecar.Composition;
using SelfHeal.Sidecar.Config;
using SelfHeal.Sidecar.Judgement;
using SelfHeal.Sidecar.Recording;

namespace SelfHeal.Benchmarks.Figures;

/// <summary>An hour of 1,000 busy clusters, two of which begin to fail, replayed by <c>selfheal replay</c> in two
/// processes: how long the slower one takes, and that both print the same bytes.</summary>
internal sealed class ReplayFigures : IFigureProvider
{
    private const int Clusters = 1_000;
    private const int Flushes = 720;
    private const int FailFrom = 360;
    private const int Failing = 2;
    private const long FlushNanos = 5_000_000_000;
    private const long Start = 1_760_000_000_000_000_000;

    public IReadOnlyList<string> Names { get; } = ["stats.replay_hour_s"];

    public async Task MeasureAsync(FigureRun run, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(run);
        var directory = Directory.CreateTempSubdirectory("selfheal-replay-");
        try
        {
            var file = Path.Combine(directory.FullName, "hour.rec");
            var (samples, bytes) = Record(file);
            var first = await ReplayAsync(file, cancellationToken);
            var second = await ReplayAsync(file, cancellationToken);
            if (first.Output.Length == 0 || first.Output != second.Output)
                throw new InvalidOperationException("two processes printed different records, or none");
            var slower = first.Elapsed > second.Elapsed ? first.Elapsed : second.Elapsed;
            var records = first.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length;
            run.Add("stats.replay_hour_s", slower.TotalSeconds, "s", string.Create(
                CultureInfo.InvariantCulture,
                $"{Flushes} flushes of {Clusters} clusters, {samples / 1e6:F1} M samples kept in {bytes / 1e6:F1} MB; "
                + $"{records} records, the same bytes in two processes; the slower one, start included"));
        }
        finally
        {
            directory.Delete(recursive: true);
        }
    }

    private static (long Samples, long Bytes) Record(string file)
    {
        var frames = new SyntheticFrames(Clusters, seed: 1);
        using var import = new RecordingImport(file, new ImportOptions
        {
            Control = CoreOptions.Of(new SelfHealOptions(), new ProcessIdentity("import")),
        });
        for (var flush = 0; flush < Flushes; flush++)
        {
            var at = Start + (flush * FlushNanos);
            var error = import.Add((ulong)at, frames.Next(at, flush >= FailFrom ? Failing : 0, flush == 0));
            if (error is not null)
                throw new InvalidOperationException($"flush {flush}: {error}");
        }

        import.Complete();
        return (import.Samples, import.Length);
    }

    private static async Task<(string Output, TimeSpan Elapsed)> ReplayAsync(
        string file, CancellationToken cancellationToken)
    {
        var start = Stopwatch.GetTimestamp();
        using var process = Process.Start(new ProcessStartInfo(
            Path.Combine(AppContext.BaseDirectory, "selfheal"), ["replay", "--json", file])
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        }) ?? throw new InvalidOperationException("selfheal replay could not be started");
        var progress = process.StandardError.ReadToEndAsync(cancellationToken);
        var output = await process.StandardOutput.ReadToEndAsync(cancellationToken);
        await process.WaitForExitAsync(cancellationToken);
        if (process.ExitCode != 0)
            throw new InvalidOperationException($"selfheal replay ended with {process.ExitCode}: {await progress}");
        return (output, Stopwatch.GetElapsedTime(start));
    }
}
