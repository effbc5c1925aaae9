using SelfHeal.Benchmarks.Figures;

namespace SelfHeal.Benchmarks.Recording;

/// <summary><c>healthy-10min FILE</c>: records ten minutes of a healthy Envoy under changing load and judges them.
/// </summary>
internal static class HealthyCommand
{
    public static async Task<int> RunAsync(string path, CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path)) ?? ".");
        Console.WriteLine("recording for ten minutes");
        var frames = await EnvoyRecording.RunAsync(RecordedStream.TenMinutes, cancellationToken);
        RecordCommand.Save(path, frames);
        return Judge(path);
    }

    /// <summary><c>judge FILE</c>: judges a recording with flushes of five seconds.</summary>
    public static int Judge(string path)
    {
        var run = new FigureRun("");
        HealthyFigures.Report(run, path);
        return run.Figures.All(static f => f.Value == 0) ? 0 : 1;
    }
}
