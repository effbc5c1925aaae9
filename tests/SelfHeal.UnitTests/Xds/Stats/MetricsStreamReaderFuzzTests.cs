using SelfHeal.Core.Series;
using SelfHeal.Core.Time;
using SelfHeal.Xds.Stats;

namespace SelfHeal.UnitTests.Xds.Stats;

[TestFixture]
public sealed class MetricsStreamReaderFuzzTests
{
    private const int Runs = 20_000;

    /// <summary>What is left after all runs; a run that kept a kilobyte would leave twenty million.</summary>
    private const long GrowthMax = 8_000_000;

    private readonly FlushBatchPool _pool = new();

    [Test]
    public void OnPart_MutatedMessages_NeverThrowAndAgreeHoweverCut()
    {
        var before = GC.GetTotalMemory(forceFullCollection: true);
        var random = new SeededRandomSource(1);
        byte[][] originals = [MetricsStreamReaderTests.Sample(true, 1_000), MetricsStreamReaderTests.Labelled(1_000)];
        for (var run = 0; run < Runs; run++)
        {
            var bytes = (byte[])originals[run % 2].Clone();
            for (var mutation = random.NextInt32(4); mutation >= 0; mutation--)
                bytes[random.NextInt32(bytes.Length)] = (byte)random.NextInt32(256);
            Compare(bytes[..(bytes.Length - random.NextInt32(3))], random);
        }

        Assert.That(GC.GetTotalMemory(forceFullCollection: true) - before, Is.LessThan(GrowthMax));
    }

    [Test]
    public void OnPart_RandomBytes_NeverThrowAndAgreeHoweverCut()
    {
        var random = new SeededRandomSource(2);
        for (var run = 0; run < Runs; run++)
        {
            var bytes = new byte[1 + random.NextInt32(60)];
            for (var i = 0; i < bytes.Length; i++)
                bytes[i] = (byte)random.NextInt32(random.NextInt32(2) == 0 ? 40 : 256);
            Compare(bytes, random);
        }
    }

    [Test]
    public void OnPart_AnnouncedButNotSent_CostsWhatCame()
    {
        // 64 MiB are announced, and a family of nearly a mebibyte in it; a few bytes come.
        const int Streams = 1_000;
        byte[] bytes = [0x12, 0xFF, 0xFF, 0x3F, 0x0A, 0xF0, 0xFF, 0x3F, .. new byte[100]];
        var readers = new MetricsStreamReader[Streams];
        var before = GC.GetTotalMemory(forceFullCollection: true);
        for (var stream = 0; stream < Streams; stream++)
        {
            readers[stream] = new MetricsStreamReader(stream, new MetricsStreamOptions(), _pool, new NullSink(_pool));
            Assert.That(readers[stream].OnMessageStart(64 * 1024 * 1024), Is.True);
            Assert.That(readers[stream].OnPart(new(bytes), false, default), Is.True);
        }

        var bytesPerStream = (GC.GetTotalMemory(forceFullCollection: true) - before) / Streams;
        TestContext.Out.WriteLine($"{bytesPerStream} bytes per stream");
        Assert.That(bytesPerStream, Is.LessThan(40_000));
        foreach (var reader in readers)
            reader.OnClosed();
    }

    private void Compare(byte[] bytes, SeededRandomSource random)
    {
        var whole = Read(bytes, bytes.Length);
        var cut = Read(bytes, 1 + random.NextInt32(9));
        Assert.That(cut, Is.EqualTo(whole), Convert.ToHexString(bytes));
    }

    private string Read(byte[] bytes, int size)
    {
        var sink = new RecordingSink(_pool);
        var reader = new MetricsStreamReader(7, new MetricsStreamOptions(), _pool, sink);
        reader.OnMessageStart(bytes.Length);
        reader.OnPart(CutBytes.Segments(bytes, size), true, default);
        return sink.Text + reader.Error;
    }
}
