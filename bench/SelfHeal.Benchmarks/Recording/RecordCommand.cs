using System.Globalization;
using Envoy.Service.Metrics.V3;
using SelfHeal.Benchmarks.Streams;

namespace SelfHeal.Benchmarks.Recording;

/// <summary><c>record-streams DIRECTORY [PREFIX]</c>: records the streams of the table anew.</summary>
internal static class RecordCommand
{
    public static async Task<int> RunAsync(string directory, string prefix, CancellationToken cancellationToken)
    {
        var chosen = RecordedStream.All.Where(s => s.Name.StartsWith(prefix, StringComparison.Ordinal)).ToList();
        if (chosen.Count == 0)
        {
            await Console.Error.WriteLineAsync(
                $"no stream's name begins with '{prefix}', expected one of "
                + string.Join(", ", RecordedStream.All.Select(static s => s.Name)));
            return 2;
        }

        Directory.CreateDirectory(directory);
        foreach (var stream in chosen)
        {
            var frames = await EnvoyRecording.RunAsync(stream.Options, cancellationToken);
            Save(Path.Combine(directory, stream.Name + StreamFile.CompressedExtension), frames);
        }

        return 0;
    }

    /// <summary>Writes a stream and prints what is in it.</summary>
    public static void Save(string path, IReadOnlyList<StreamFrame> frames)
    {
        StreamFile.Write(path, frames);
        var families = frames.Sum(static f => StreamMetricsMessage.Parser.ParseFrom(f.Message).EnvoyMetrics.Count);
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{Path.GetFileName(path)}: {frames.Count} messages, {families} families, "
            + $"{frames.Sum(static f => (long)f.Message.Length)} B, {new FileInfo(path).Length} B in the file"));
    }
}
