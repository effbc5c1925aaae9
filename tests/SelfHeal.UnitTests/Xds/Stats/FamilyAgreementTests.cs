using System.Buffers;
using Envoy.Service.Metrics.V3;
using Google.Protobuf;
using SelfHeal.Core.Series;
using SelfHeal.Core.Time;
using SelfHeal.Xds.Stats;

namespace SelfHeal.UnitTests.Xds.Stats;

/// <summary>
/// A family that is recognised by its bytes must be read as the general parser reads it, whatever the bytes are: two
/// readers, one of which parses everything, are given the same streams.
/// </summary>
[TestFixture]
public sealed class FamilyAgreementTests
{
    private const int Runs = 6_000;
    private readonly FlushBatchPool _pool = new();

    [Test]
    public void OnPart_FlushesInAnyOrder_AgreesWithTheGeneralParser()
    {
        var random = new SeededRandomSource(11);
        for (var run = 0; run < 200; run++)
        {
            var messages = new List<byte[]>();
            for (var flush = 0; flush < 6; flush++)
                messages.Add(Reordered(Busy(flush == 0, 1_000 + (flush * 5_000), flush), random, run % 4));
            Compare(messages, random);
        }
    }

    [Test]
    public void OnPart_MutatedFlushes_AgreesWithTheGeneralParser()
    {
        var random = new SeededRandomSource(12);
        for (var run = 0; run < Runs; run++)
        {
            var first = Busy(true, 1_000, 1).ToByteArray();
            var broken = Busy(false, 6_000, 2).ToByteArray();
            for (var mutation = random.NextInt32(4); mutation >= 0; mutation--)
                Mutate(ref broken, random);
            Compare([first, Busy(false, 6_000, 2).ToByteArray(), broken, Busy(false, 11_000, 3).ToByteArray()], random);
        }
    }

    [Test]
    public void OnPart_FamiliesThatLookAlike_AgreesWithTheGeneralParser()
    {
        // Bytes chosen to be mistaken for one another: a type of two bytes that looks like a metric's tag, a second
        // timestamp, a second value, a field behind the metric, an empty value, no timestamp, a timestamp of 0.
        string[] families =
        [
            Family("0A0161", "1800", "220D 1A09 09 0000000000001440 3005"),
            Family("0A0161", "1800", "220D 1A09 09 0000000000001840 3005"),
            Family("0A0161", "1800", "220D 1A09 09 0000000000001840 3006"),
            Family("0A0161", "1800", "220D 1A09 09 0000000000001840 3000"),
            Family("0A0161", "1800", "220B 1A09 09 0000000000001840"),
            Family("0A0161", "1800", "220F 1A09 09 0000000000001840 30053006"),
            Family("0A0161", "1800", "220E 1A09 09 0000000000001840 308500"),
            Family("0A0161", "1800", "220D 3005 1A09 09 0000000000001840"),
            Family("0A0161", "1800", "2216 1A09 09 0000000000001840 1209 09 0000000000001C40"),
            Family("0A0161", "1800", "2204 1A00 3005"),
            Family("0A0161", "1800", "220D 1A09 09 0000000000001840 3005 1801"),
            Family("0A0161", "18802222", "0D 1A09 09 0000000000001840 3005"),
            Family("0A0161", "", "220D 1A09 09 0000000000001840 3005"),
            Family("0A0161", "1204", "220D 1A09 09 0000000000001840 3005"),
            Family("0A0161", "1804", "2206 3005 3A02 0801"),
            Family("0A0161", "1804", "2206 3006 3A02 0801"),
            Family("0A0161", "1804", "2206 3A02 0801 3005"),
            Family("0A0161", "1802", "2206 2202 0801 3005"),
            Family("0A0161", "1802", "2204 2202 0801"),
            Family("0A0161", "1800", "2202 3005"),
            Family("0A0161", "1800", "2215 0A06 0A0162120163 1A09 09 0000000000001840 3005"),
            Family("0A0161", "1800", "2215 0A06 1201630A0162 1A09 09 0000000000001840 3005"),
            Family("0A0161", "1800", "2215 0A06 0A0162120164 1A09 09 0000000000001840 3005"),
        ];
        var random = new SeededRandomSource(13);
        for (var run = 0; run < Runs; run++)
        {
            var messages = new List<byte[]>();
            for (var message = 0; message < 3; message++)
            {
                var bytes = message == 0 ? "0A05 0A03 0A0165" : "";
                for (var family = 1 + random.NextInt32(6); family > 0; family--)
                    bytes += families[random.NextInt32(families.Length)];
                messages.Add(Convert.FromHexString(bytes.Replace(" ", "", StringComparison.Ordinal)));
            }

            Compare(messages, random);
        }
    }

    internal static StreamMetricsMessage Busy(bool identify, long millis, int flush)
    {
        var envoy = new EnvoyStats("envoy-1");
        for (var cluster = 0; cluster < 3; cluster++)
            envoy.Serve($"svc-{cluster}.shop", 10 + (flush * cluster), flush);
        var message = envoy.Message(identify, millis);
        message.EnvoyMetrics.Add(EnvoyStats.Histogram("cluster.svc-1.shop.upstream_rq_time", millis, isSummary: true));
        message.EnvoyMetrics.Add(EnvoyStats.Histogram("cluster.svc-1.shop.upstream_rq_time", millis, isSummary: false));
        message.EnvoyMetrics.Add(EnvoyStats.Histogram("cluster.svc-1.shop.upstream_cx_ms", millis, isSummary: false));
        var labelled = StreamMetricsMessage.Parser.ParseFrom(MetricsStreamReaderTests.Labelled(millis));
        message.EnvoyMetrics.AddRange(labelled.EnvoyMetrics);
        message.EnvoyMetrics.Add(EnvoyStats.Family("server.live", double.NaN, true, millis));
        message.EnvoyMetrics.Add(EnvoyStats.Family("server.uptime", flush, true, 0));
        return message;
    }

    private static string Family(string name, string type, string metric)
    {
        var bytes = (name + type + metric).Replace(" ", "", StringComparison.Ordinal);
        return $"12{bytes.Length / 2:X2}{bytes}";
    }

    private static byte[] Reordered(StreamMetricsMessage message, SeededRandomSource random, int how)
    {
        var families = message.EnvoyMetrics.ToList();
        for (var i = families.Count - 1; how > 0 && i > 0; i--)
        {
            var other = how == 1 ? i - random.NextInt32(2) : random.NextInt32(i + 1);
            (families[i], families[other]) = (families[other], families[i]);
        }

        if (how == 3)
            families.RemoveRange(0, random.NextInt32(families.Count));
        message.EnvoyMetrics.Clear();
        message.EnvoyMetrics.AddRange(families);
        return message.ToByteArray();
    }

    private static void Mutate(ref byte[] bytes, SeededRandomSource random)
    {
        var place = random.NextInt32(bytes.Length);
        switch (random.NextInt32(4))
        {
            case 0:
                bytes[place] = (byte)random.NextInt32(256);
                break;
            case 1:
                bytes[place] ^= (byte)(1 << random.NextInt32(8));
                break;
            case 2:
                bytes = [.. bytes[..place], .. bytes[Math.Min(bytes.Length, place + 1 + random.NextInt32(3))..]];
                break;
            default:
                bytes = [.. bytes[..place], (byte)random.NextInt32(256), .. bytes[place..]];
                break;
        }

        if (bytes.Length == 0)
            bytes = [0];
    }

    private void Compare(IReadOnlyList<byte[]> messages, SeededRandomSource random)
    {
        var (general, generalSink) = Reader(predicts: false);
        var (fast, fastSink) = Reader(predicts: true);
        foreach (var message in messages)
        {
            Send(general, new ReadOnlySequence<byte>(message));
            var size = random.NextInt32(3) == 0 ? 1 + random.NextInt32(200) : message.Length;
            Send(fast, CutBytes.Segments(message, Math.Max(1, size)));
        }

        if (fastSink.Text == generalSink.Text && fast.Error == general.Error && fast.SeriesCount == general.SeriesCount)
            return;
        Assert.That(fastSink.Text + fast.Error, Is.EqualTo(generalSink.Text + general.Error), Hex(messages));
        Assert.That(fast.SeriesCount, Is.EqualTo(general.SeriesCount), Hex(messages));
    }

    private static string Hex(IReadOnlyList<byte[]> messages) =>
        string.Join('\n', messages.Select(Convert.ToHexString));

    private static void Send(MetricsStreamReader reader, in ReadOnlySequence<byte> message)
    {
        if (reader.OnMessageStart((int)message.Length))
            reader.OnPart(message, true, default(ControlTime));
    }

    private (MetricsStreamReader Reader, RecordingSink Sink) Reader(bool predicts)
    {
        var sink = new RecordingSink(_pool);
        return (new MetricsStreamReader(7, new MetricsStreamOptions(), _pool, sink, null, predicts), sink);
    }
}
