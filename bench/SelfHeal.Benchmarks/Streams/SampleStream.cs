using System.Buffers;
using System.Globalization;
using Envoy.Service.Metrics.V3;
using Google.Protobuf;
using SelfHeal.Benchmarks.Subjects;
using SelfHeal.Core.Time;
using Io.Prometheus.Client;

namespace SelfHeal.Benchmarks.Streams;

/// <summary>A stats stream in memory: its first message, and those that are repeated round after round.</summary>
internal sealed class SampleStream
{
    private const int SyntheticFlushes = 9;

    private SampleStream(string name, IEnumerable<byte[]> messages)
    {
        Name = name;
        Bytes = [.. messages];
        Messages = [.. Bytes.Select(static bytes => StatsPath.Segments(bytes))];
        Families = Bytes.Skip(1).Sum(StatsMessages.Samples);
        RoundBytes = Bytes.Skip(1).Sum(static b => (long)b.Length);
    }

    /// <summary>What it is, for people.</summary>
    public string Name { get; }

    /// <summary>The messages whole.</summary>
    public byte[][] Bytes { get; }

    /// <summary>The messages in segments of 4 KiB, as Kestrel hands them over.</summary>
    public ReadOnlySequence<byte>[] Messages { get; }

    /// <summary>Families of one round: all messages but the first.</summary>
    public long Families { get; }

    /// <summary>Bytes of one round.</summary>
    public long RoundBytes { get; }

    /// <summary>Busy clusters as <see cref="StatsMessages"/> makes them.</summary>
    public static SampleStream Synthetic(int clusters, int busy) =>
        new($"synthetic {clusters} clusters, {busy} busy", SyntheticBytes(clusters, busy));

    /// <summary>The same with the families of each flush in a random order of its own.</summary>
    public static SampleStream Shuffled(int clusters, int busy)
    {
        var random = new SeededRandomSource(5);
        return new SampleStream(
            $"synthetic {clusters} clusters, {busy} busy, shuffled",
            SyntheticBytes(clusters, busy).Select(bytes => Shuffle(bytes, random)));
    }

    /// <summary>The same with the cluster's name in a label, as with <c>emit_tags_as_labels</c>.</summary>
    public static SampleStream Labelled(int clusters, int busy) =>
        new($"synthetic {clusters} clusters, {busy} busy, labels", SyntheticBytes(clusters, busy).Select(Label));

    /// <summary>A stream of a real Envoy; see bench/streams/README.md.</summary>
    public static SampleStream Recorded(string name) =>
        new($"recorded {name}", StreamFile.Read(PathOf(name)).Select(static f => f.Message));

    /// <summary>Where the build put a recorded stream.</summary>
    public static string PathOf(string name) =>
        Path.Combine(AppContext.BaseDirectory, "streams", name + StreamFile.CompressedExtension);

    /// <summary>The names of all recorded streams that are whole flushes of a few seconds.</summary>
    public static IReadOnlyList<string> RecordedNames { get; } =
        [.. Recording.RecordedStream.All.Select(static s => s.Name)];

    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"{Name}: {Families / (Bytes.Length - 1)} families and {RoundBytes / (Bytes.Length - 1)} B a message");

    private static IEnumerable<byte[]> SyntheticBytes(int clusters, int busy) =>
        Enumerable.Range(0, SyntheticFlushes).Select(flush => StatsMessages.Flush(clusters, busy, flush));

    private static byte[] Shuffle(byte[] bytes, SeededRandomSource random)
    {
        var message = StreamMetricsMessage.Parser.ParseFrom(bytes);
        var families = message.EnvoyMetrics.ToArray();
        for (var i = families.Length - 1; i > 0; i--)
        {
            var other = random.NextInt32(i + 1);
            (families[i], families[other]) = (families[other], families[i]);
        }

        message.EnvoyMetrics.Clear();
        message.EnvoyMetrics.AddRange(families);
        return message.ToByteArray();
    }

    private static byte[] Label(byte[] bytes)
    {
        const string Prefix = "cluster.";
        const string Suffix = ".shop";
        var message = StreamMetricsMessage.Parser.ParseFrom(bytes);
        foreach (var family in message.EnvoyMetrics)
        {
            // Envoy takes the name up to the first dot for the cluster's.
            var end = family.Name.IndexOf(Suffix, StringComparison.Ordinal);
            if (!family.Name.StartsWith(Prefix, StringComparison.Ordinal) || end < 0)
                continue;
            var cluster = family.Name[Prefix.Length..end];
            family.Name = Prefix + family.Name[(end + 1)..];
            family.Metric[0].Label.Add(new LabelPair { Name = "envoy.cluster_name", Value = cluster });
        }

        return message.ToByteArray();
    }
}
