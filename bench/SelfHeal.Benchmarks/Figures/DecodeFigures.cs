using System.Buffers;
using System.Globalization;
using SelfHeal.Benchmarks.Streams;
using SelfHeal.Benchmarks.Subjects;

namespace SelfHeal.Benchmarks.Figures;

/// <summary>
/// Decoding and the whole path in memory on one core, against Google.Protobuf and a copy of the same bytes. A sample is
/// a family. The value is that of busy clusters (65 counters and gauges and four histograms each); the note has the
/// streams of a real Envoy.
/// </summary>
internal sealed class DecodeFigures : IFigureProvider
{
    private const int RoundCount = 60;
    private const int Clusters = 100;

    private const string Cursor = "cursor";
    private const string Shuffled = "shuffled";
    private const string Labels = "labels";
    private const string Generated = "google_protobuf";
    private const string Copy = "copy";
    private const string Path = "path";
    private const string GeneratedWork = "google_protobuf path";

    private readonly Dictionary<string, SampleStream> _streams = new(StringComparer.Ordinal);

    public IReadOnlyList<string> Names { get; } =
    [
        "stats.decode.cursor", "stats.decode.shuffled", "stats.decode.labels", "stats.decode.google_protobuf",
        "stats.decode.copy", "stats.path", "stats.path.allocated_bytes", "stats.path.google_protobuf_ratio",
    ];

    public Task MeasureAsync(FigureRun run, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(run);
        var busy = SampleStream.Synthetic(Clusters, Clusters);
        var rounds = new Rounds(RoundCount);
        AddPath(rounds, Cursor, StatsPathEnd.Batches, busy);
        AddPath(rounds, Shuffled, StatsPathEnd.Batches, SampleStream.Shuffled(Clusters, Clusters));
        AddPath(rounds, Labels, StatsPathEnd.Batches, SampleStream.Labelled(Clusters, Clusters));
        AddPath(rounds, Path, StatsPathEnd.Windows, busy);
        Add(rounds, Generated, busy, static bytes => GeneratedPath.Decode(bytes));
        AddCopy(rounds, busy);
        var generated = new GeneratedPath();
        generated.Run(busy.Messages[0]);
        Add(rounds, GeneratedWork, busy, bytes => generated.Run(bytes));
        string[] recorded = ["healthy-1003", "healthy-253-labels", "healthy-253-batch500"];
        foreach (var name in recorded)
        {
            AddPath(rounds, name, StatsPathEnd.Batches, SampleStream.Recorded(name));
            AddPath(rounds, name + " path", StatsPathEnd.Windows, SampleStream.Recorded(name));
        }

        rounds.Run();
        Report(run, rounds);
        return Task.CompletedTask;
    }

    private void Report(FigureRun run, Rounds rounds)
    {
        AddRate(run, rounds, "stats.decode.cursor", Cursor, ["healthy-1003", "healthy-253-batch500"]);
        AddRate(run, rounds, "stats.decode.shuffled", Shuffled, []);
        AddRate(run, rounds, "stats.decode.labels", Labels, ["healthy-253-labels"]);
        run.Add(
            "stats.decode.google_protobuf",
            _streams[Generated].Families / rounds.Median(Generated).TotalSeconds / 1e6,
            "M samples/s",
            string.Create(
                CultureInfo.InvariantCulture,
                $"median of {RoundCount} rounds, one core, best {Rate(rounds, Generated):F1}; {_streams[Generated]}"));
        AddRate(run, rounds, "stats.decode.copy", Copy, []);
        AddRate(run, rounds, "stats.path", Path, ["healthy-1003 path", "healthy-253-batch500 path"]);
        var messages = _streams[Path].Bytes.Length - 1;
        run.Add(
            "stats.path.allocated_bytes",
            rounds.Allocated(Path) / (double)messages,
            "B/message",
            $"the round of {RoundCount} that allocated least; {_streams[Path]}");
        run.Add(
            "stats.path.google_protobuf_ratio",
            rounds.Median(GeneratedWork) / rounds.Median(Path),
            "times",
            string.Create(
                CultureInfo.InvariantCulture,
                $"bytes to windows against the same work on Google.Protobuf's messages; medians of the same rounds, "
                + $"{Rate(rounds, GeneratedWork):F1} M samples/s in the best; decoding alone "
                + $"{rounds.Median(Generated) / rounds.Median(Cursor):F1} times"));
    }

    private void AddRate(FigureRun run, Rounds rounds, string figure, string name, string[] recorded)
    {
        var others = string.Concat(recorded.Select(other => string.Create(
            CultureInfo.InvariantCulture, $"; {_streams[other].Name}: {Rate(rounds, other):F1}")));
        var note = $"best of {RoundCount} rounds, one core; {_streams[name]}{others}";
        run.Add(figure, Rate(rounds, name), "M samples/s", note);
    }

    private double Rate(Rounds rounds, string name) => _streams[name].Families / rounds.Best(name).TotalSeconds / 1e6;

    private void AddPath(Rounds rounds, string name, StatsPathEnd end, SampleStream stream)
    {
        var path = new StatsPath(end);
        path.Run(stream.Messages[0]);
        var before = path.Samples;
        foreach (var message in stream.Messages.Skip(1))
            path.Run(message);
        if (path.Samples - before != stream.Families)
        {
            throw new InvalidOperationException(
                $"{path.Samples - before} samples were read of {stream}, expected {stream.Families}");
        }

        Add(rounds, name, stream, bytes => path.Run(bytes));
    }

    private void Add(Rounds rounds, string name, SampleStream stream, Action<ReadOnlySequence<byte>> run)
    {
        _streams.Add(name, stream);
        rounds.Add(name, () =>
        {
            for (var i = 1; i < stream.Messages.Length; i++)
                run(stream.Messages[i]);
        });
    }

    private void AddCopy(Rounds rounds, SampleStream stream)
    {
        var target = new byte[stream.Bytes.Max(static b => b.Length)];
        _streams.Add(Copy, stream);
        rounds.Add(Copy, () =>
        {
            for (var i = 1; i < stream.Bytes.Length; i++)
                stream.Bytes[i].CopyTo(target, 0);
        });
    }
}
