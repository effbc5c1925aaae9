using System.Buffers;
using SelfHeal.Core.Series;
using SelfHeal.Xds.Stats;

namespace SelfHeal.UnitTests.Xds.Stats;

[TestFixture]
public sealed class SeriesDirectoryTests
{
    private readonly FlushBatchPool _pool = new();

    [Test]
    public void Take_StreamsOfOneFleet_KeepEachNameOnce()
    {
        var directory = new SeriesDirectory();
        var readers = new List<MetricsStreamReader>();
        for (var stream = 0; stream < 5; stream++)
            readers.Add(Read(stream, directory, Flush("cluster.c", 100, 1_000)));
        Assert.That(readers.Select(static r => r.SeriesCount), Is.All.EqualTo(100));
        Assert.That(directory.Count, Is.EqualTo(100));
        foreach (var reader in readers)
            reader.OnClosed();
        Assert.That((directory.Count, directory.Bytes), Is.EqualTo((0, 0L)));
    }

    [Test]
    public void GiveBack_HalfOfTheStreams_KeepsWhatTheOthersUse()
    {
        var directory = new SeriesDirectory();
        var first = Read(1, directory, Flush("cluster.c", 100, 1_000));
        var second = Read(2, directory, Flush("cluster.c", 150, 1_000));
        second.OnClosed();
        second.OnClosed();
        Assert.That(directory.Count, Is.EqualTo(100));
        var third = Read(3, directory, Flush("cluster.c", 150, 6_000));
        Assert.That(directory.Count, Is.EqualTo(150));
        first.OnClosed();
        third.OnClosed();
        Assert.That(directory.Count, Is.Zero);
    }

    [Test]
    public void Take_FullDirectory_RefusesAndCounts()
    {
        var directory = new SeriesDirectory(bytesMax: 20_000);
        var sink = new RecordingSink(_pool);
        var reader = new MetricsStreamReader(1, new MetricsStreamOptions(), _pool, sink, directory);
        Send(reader, Flush("cluster.c", 100, 1_000));
        Assert.That(directory.Bytes, Is.LessThanOrEqualTo(20_000));
        Assert.That(directory.Refused, Is.EqualTo(100 - directory.Count).And.GreaterThan(0));
        Assert.That(sink.Text, Does.Contain($"over {100 - directory.Count} bad 0"));
    }

    [Test]
    public void Take_PeerWithNewNamesAtEveryReconnect_LeavesNothingBehind()
    {
        var directory = new SeriesDirectory();
        Reconnect(0);
        var before = GC.GetTotalMemory(forceFullCollection: true);
        for (var attempt = 1; attempt < 100; attempt++)
            Reconnect(attempt);
        var grown = GC.GetTotalMemory(forceFullCollection: true) - before;
        Assert.That(directory.Count, Is.Zero);
        Assert.That(grown, Is.LessThan(1_000_000), "100 times 1,000 names of 40 bytes would be 20 MB");

        void Reconnect(int attempt) =>
            Read(attempt, directory, Flush($"cluster.adversary-{attempt:D8}-", 1_000, 1_000)).OnClosed();
    }

    [Test]
    public void Take_ManyThreads_AgreeOnEveryName()
    {
        var directory = new SeriesDirectory();
        var message = Flush("cluster.c", 500, 1_000);
        Parallel.For(0, 64, stream =>
        {
            var pool = new FlushBatchPool();
            var sink = new NullSink(pool);
            var reader = new MetricsStreamReader(stream, new MetricsStreamOptions(), pool, sink, directory);
            Send(reader, message);
            Send(reader, message);
            Assert.That(reader.Error.IsNone, Is.True);
            Assert.That(reader.SeriesCount, Is.EqualTo(500));
            reader.OnClosed();
        });
        Assert.That((directory.Count, directory.Bytes), Is.EqualTo((0, 0L)));
    }

    [Test]
    public void Take_NamesOfManyStreams_CostAHundredBytesPerStreamAndSeries()
    {
        const int Streams = 40;
        const int Series = 3_000;
        const string Prefix = "cluster.outbound|8080||service.namespace.svc.cluster.local-";
        var directory = new SeriesDirectory();
        var fold = new TelemetryFold(new TelemetryOptions());
        var sink = new FoldSink(fold, _pool);
        var first = Open(0);

        // The ring of blocks belongs to the scopes, however many streams there are: it is full before the count.
        for (var flush = 2; flush < 80; flush++)
            Send(first, Flush(Prefix, Series, 1_000 + (flush * 5_000)));
        var before = GC.GetTotalMemory(forceFullCollection: true);
        var readers = new MetricsStreamReader[Streams];
        for (var stream = 0; stream < Streams; stream++)
            readers[stream] = Open(stream + 1);
        var bytes = (double)(GC.GetTotalMemory(forceFullCollection: true) - before) / (Streams * Series);
        TestContext.Out.WriteLine($"{bytes:F1} bytes per stream and series");
        Assert.That(bytes, Is.LessThanOrEqualTo(100));
        GC.KeepAlive(readers);
        GC.KeepAlive(first);

        MetricsStreamReader Open(int stream)
        {
            var reader = new MetricsStreamReader(stream, new MetricsStreamOptions(), _pool, sink, directory);
            Send(reader, Flush(Prefix, Series, 1_000));
            Send(reader, Flush(Prefix, Series, 6_000));
            return reader;
        }
    }

    private static byte[] Flush(string prefix, int series, long millis)
    {
        var envoy = new EnvoyStats("envoy-1");
        for (var i = 0; i < series; i++)
        {
            // A third is read, as in Envoy's own mix.
            var stat = i % 3 == 0 ? "upstream_rq_total" : $"upstream_other_{i % 3}";
            envoy.Count($"{prefix}{i / 3}.{stat}", 5);
        }

        return envoy.Flush(true, millis);
    }

    private static void Send(MetricsStreamReader reader, byte[] message)
    {
        reader.OnMessageStart(message.Length);
        reader.OnPart(new ReadOnlySequence<byte>(message), true, default);
    }

    private MetricsStreamReader Read(int stream, SeriesDirectory directory, byte[] message)
    {
        var reader = new MetricsStreamReader(stream, new MetricsStreamOptions(), _pool, new NullSink(_pool), directory);
        Send(reader, message);
        return reader;
    }
}
