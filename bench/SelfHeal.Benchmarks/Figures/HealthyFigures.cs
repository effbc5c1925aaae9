using System.Globalization;
using SelfHeal.Benchmarks.Recording;
using SelfHeal.Benchmarks.Streams;
using SelfHeal.Benchmarks.Subjects;

namespace SelfHeal.Benchmarks.Figures;

/// <summary>What the judge says about ten minutes of a healthy Envoy: nothing, or it is wrong.</summary>
internal sealed class HealthyFigures : IFigureProvider
{
    public const string Recording = "healthy-10min";

    public IReadOnlyList<string> Names { get; } = ["stats.healthy_suspicions"];

    public Task MeasureAsync(FigureRun run, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(run);
        Report(run, SampleStream.PathOf(Recording));
        return Task.CompletedTask;
    }

    /// <summary>Judges a recording and adds the figure.</summary>
    public static void Report(FigureRun run, string path)
    {
        ArgumentNullException.ThrowIfNull(run);
        var judge = StreamJudge.Judge(StreamFile.Read(path), RecordedStream.TenMinutes.FlushInterval);
        var least = RecordedStream.TenMinutes.Flushes - 5;
        if (judge.Blocks < least || judge.Series == 0)
        {
            throw new InvalidDataException(
                $"{path}: {judge.Blocks} blocks of {judge.Series} series were judged, expected {least} at least");
        }

        run.Add(
            "stats.healthy_suspicions",
            judge.Suspicions,
            "suspicions",
            string.Create(
                CultureInfo.InvariantCulture,
                $"{Path.GetFileName(path)}: {judge.Length.TotalSeconds:F0} s of a real Envoy, {judge.Blocks} blocks, "
                + $"{judge.Series} series, {judge.Breaches} breaches, {judge.Records} decision records"));
    }
}
