using System.Buffers;
using System.Buffers.Binary;
using SelfHeal.Core.Control;
using SelfHeal.Core.Recording;
using SelfHeal.Core.Records;
using SelfHeal.Core.Series;
using SelfHeal.Sidecar.Recording;
using SelfHeal.UnitTests.Sidecar.Commands;

namespace SelfHeal.UnitTests.Recording;

[TestFixture]
internal sealed class RecordingImportTests
{
    private const long Begin = 1_775_963_862_000_000_000; // 2026-04-12 in Unix time.
    private const long Flush = 5_000_000_000;

    private TestConsole _console = new();
    private string _directory = "";

    private string Raw => Path.Combine(_directory, "stats.raw");

    private string Output => Path.Combine(_directory, "stats.shrec");

    [SetUp]
    public void MakeDirectory()
    {
        _console = new TestConsole();
        _directory = Directory.CreateTempSubdirectory("selfheal-import-").FullName;
    }

    [TearDown]
    public void RemoveDirectory() => Directory.Delete(_directory, recursive: true);

    [Test]
    public void SyntheticFrames_OfACluster_AreSixtyFiveStats() =>
        Assert.That(
            SyntheticFrames.Stats.Distinct(StringComparer.Ordinal).ToList(),
            Has.Count.EqualTo(SyntheticFrames.SeriesPerCluster));

    [Test]
    public async Task Import_OfFrames_ReplaysToRecords()
    {
        WriteRaw(flushes: 60, failingFrom: 30);

        Assert.That(await _console.RunAsync("record", "import", Raw, "--output", Output), Is.Zero, _console.Error);
        Assert.That(_console.Out, Does.Contain("stats.shrec: 60 messages, "));
        var replay = new TestConsole();
        Assert.That(await replay.RunAsync("replay", "--json", Output), Is.Zero, replay.Error);

        var records = replay.Out.TrimEnd().Split('\n')
            .Select(static line => RecordJson.Read(System.Text.Encoding.UTF8.GetBytes(line))).ToList();
        Assert.That(records.Select(static r => r.Type), Does.Contain(RecordType.Recommendation));
        Assert.That(records[0].Service, Is.EqualTo("service-0000"));
        Assert.That(records[0].Time.Decided, Is.GreaterThan(DateTimeOffset.FromUnixTimeSeconds(Begin / 1_000_000_000)));
        Assert.That(replay.Error, Does.Contain("the recording was imported and has telemetry only"));
        var again = new TestConsole();
        await again.RunAsync("replay", "--json", Output);
        Assert.That(again.Out, Is.EqualTo(replay.Out));
    }

    [Test]
    public async Task Import_OfFrames_StepsEveryFiftyMilliseconds()
    {
        WriteRaw(flushes: 3, failingFrom: 3);
        await _console.RunAsync("record", "import", Raw, "--output", Output);

        var times = new List<long>();
        var batches = new List<(long Now, long Arrival)>();
        using var reader = new RecordingReader(Output);
        var pool = new FlushBatchPool();
        var decoder = new StepDecoder(pool);
        var step = new RecordedStep();
        while (reader.TryRead(out var header, out var payload))
        {
            if (header.Kind == ChunkKind.Catalog)
                Assert.That(decoder.TryAddCatalogs(payload.Span), Is.True);
            if (header.Kind != ChunkKind.Steps || !decoder.TryBegin(header, payload))
                continue;
            for (; decoder.TryRead(step); step.Clear(pool))
            {
                times.Add(step.Now.MonotonicNanos);
                foreach (var received in step.Events.OfType<ControlEvent.StatsReceived>())
                    batches.Add((step.Now.MonotonicNanos, received.Batch.Arrival.MonotonicNanos));
            }
        }

        Assert.That(reader.Faults, Is.Empty);
        Assert.That(times.Zip(times.Skip(1)).Select(static p => p.Second - p.First), Is.All.EqualTo(50_000_000));
        Assert.That(batches.Select(static b => b.Arrival), Is.EqualTo(
            (long[])[Begin, Begin + Flush, Begin + Flush + Flush]));
        Assert.That(batches.Select(static b => b.Now - b.Arrival), Is.All.InRange(0, 50_000_000));
    }

    [TestCase(5, "byte 0: expected 12 bytes of arrival and length; the file ends after 5")]
    [TestCase(12, "byte 12: expected")]
    public async Task Import_OfACutFile_KeepsWhatCameBefore(int bytes, string expected)
    {
        WriteRaw(flushes: 2, failingFrom: 2);
        var whole = await File.ReadAllBytesAsync(Raw);
        await File.WriteAllBytesAsync(Raw, whole[..bytes]);

        Assert.That(await _console.RunAsync("record", "import", Raw, "--output", Output), Is.EqualTo(1));

        Assert.That(_console.Error, Does.StartWith($"selfheal: {Raw}: {expected}"));
        Assert.That(_console.Error, Does.Contain("what came before it is in the recording"));
        Assert.That(Output, Does.Exist);
    }

    [Test]
    public async Task Import_OfABadSecondFrame_NamesItAndKeepsTheFirst()
    {
        WriteRaw(flushes: 2, failingFrom: 2);
        var bytes = await File.ReadAllBytesAsync(Raw);
        var second = 12 + BinaryPrimitives.ReadInt32LittleEndian(bytes.AsSpan(8));
        bytes[second + 12] = 0xFF;
        await File.WriteAllBytesAsync(Raw, bytes);

        Assert.That(await _console.RunAsync("record", "import", Raw, "--output", Output), Is.EqualTo(1));

        Assert.That(_console.Error, Does.StartWith(
            $"selfheal: {Raw}: byte {second}: expected a StreamMetricsMessage; at its byte 0: "));
        Assert.That(_console.Out, Does.Contain("1 messages"));
    }

    [TestCase(Begin - 1, "an arrival not before that of the message before")]
    [TestCase(Begin + (25L * 3600 * 1_000_000_000), "an arrival at most 24 h after that of the message before")]
    [TestCase(-1, "an arrival in nanoseconds, before the year 2116")]
    public void Add_OfAWrongArrival_SaysSo(long arrival, string expected)
    {
        var frames = new SyntheticFrames(2, seed: 1);
        using var import = new RecordingImport(Output, Options());
        Assert.That(import.Add((ulong)Begin, frames.Next(Begin, 0, isFirst: true)), Is.Null);

        Assert.That(import.Add((ulong)arrival, frames.Next(Begin, 0, isFirst: false)), Does.StartWith(expected));
    }

    [Test]
    public void Add_WithoutAnIdentifier_NeedsANode()
    {
        var frames = new SyntheticFrames(2, seed: 1);
        using (var import = new RecordingImport(Output, Options()))
            Assert.That(import.Add((ulong)Begin, frames.Next(Begin, 0, isFirst: false)), Does.Contain("NoIdentifier"));
        File.Delete(Output);
        using (var import = new RecordingImport(Output, Options() with { Node = "envoy-7" }))
        {
            Assert.That(import.Add((ulong)Begin, frames.Next(Begin, 0, isFirst: false)), Is.Null);
            Assert.That(import.Samples, Is.Positive);
        }
    }

    [Test]
    public async Task Import_OntoAFileThatExists_LeavesItAlone()
    {
        WriteRaw(flushes: 1, failingFrom: 1);
        await File.WriteAllTextAsync(Output, "mine");

        Assert.That(await _console.RunAsync("record", "import", Raw, "--output", Output), Is.EqualTo(1));

        Assert.That(await File.ReadAllTextAsync(Output), Is.EqualTo("mine"));
        Assert.That(_console.Error, Does.Contain(Output));
    }

    [Test]
    public void Replay_OfAGatewayWithManyClusters_BlamesThoseThatFail()
    {
        const int Clusters = 100;
        const int Flushes = 120;
        var time = TimeProvider.System;
        var frames = new SyntheticFrames(Clusters, seed: 1);
        using (var import = new RecordingImport(Output, Options()))
        {
            for (var flush = 0; flush < Flushes; flush++)
            {
                var at = Begin + (flush * Flush);
                var failing = flush > Flushes / 2 ? 2 : 0;
                Assert.That(import.Add((ulong)at, frames.Next(at, failing, flush == 0)), Is.Null);
            }

            import.Complete();
            TestContext.Out.WriteLine($"{import.Samples} samples in {import.Length} bytes");
            Assert.That(import.Length, Is.LessThan(import.Samples), "differences, most of them none");
        }

        var records = new List<ReplayedRecord>();
        var begun = time.GetTimestamp();
        var summary = new ReplaySession(new ReplayRequest { Files = [Output] }, records.Add, static _ => { })
            .Run(CancellationToken.None);
        var elapsed = time.GetElapsedTime(begun);
        TestContext.Out.WriteLine($"{summary.Covered} in {elapsed}");

        Assert.That(summary.IsClean, Is.True);
        Assert.That(elapsed, Is.LessThan(summary.Covered / 20), "faster than real time, also on a busy machine");
        Assert.That(
            records.Where(static r => r.Record.Type == RecordType.Recommendation).Select(static r => r.Record.Service)
                .Distinct(StringComparer.Ordinal),
            Is.EquivalentTo((string[])["service-0000", "service-0001"]));
        var first = ReplayDigest.Compute(Output);
        Assert.That(ReplayDigest.Compute(Output), Is.EqualTo(first));
    }

    private static ImportOptions Options() => new()
    {
        Control = SelfHeal.UnitTests.Control.TestOptions.Default(TimeSpan.FromSeconds(5)),
    };

    private void WriteRaw(int flushes, int failingFrom)
    {
        var frames = new SyntheticFrames(4, seed: 1);
        using var file = new FileStream(Raw, FileMode.Create);
        Span<byte> header = stackalloc byte[12];
        for (var flush = 0; flush < flushes; flush++)
        {
            var at = Begin + (flush * Flush);
            var message = frames.Next(at, flush >= failingFrom ? 1 : 0, flush == 0).ToArray();
            BinaryPrimitives.WriteUInt64LittleEndian(header, (ulong)at);
            BinaryPrimitives.WriteInt32LittleEndian(header[8..], message.Length);
            file.Write(header);
            file.Write(message);
        }
    }
}
