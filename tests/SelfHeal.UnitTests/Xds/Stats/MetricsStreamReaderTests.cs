using System.Buffers;
using Envoy.Service.Metrics.V3;
using Google.Protobuf;
using Io.Prometheus.Client;
using SelfHeal.Core.Series;
using SelfHeal.Xds.Stats;

namespace SelfHeal.UnitTests.Xds.Stats;

[TestFixture]
public sealed class MetricsStreamReaderTests
{
    private readonly FlushBatchPool _pool = new();

    [Test]
    public void OnPart_CounterGaugeAndHistograms_GivesWhatIsReadAndCountsTheRest()
    {
        var message = Sample(identify: true, 1_000);
        var sink = Read([message]);
        Assert.That(sink.Text, Is.EqualTo(
            "open 7 envoy-1 gateway\n"
            + "batch 7 0.0 at 1000 skipped 3 over 0 bad 1\n"
            + "  Cluster 'svc-4.ns4.example' UpstreamRqCompleted = 120\n"
            + "  Cluster 'pay' MembershipTotal = 3\n"
            + "  Server '' Uptime = 12\n"
            + "  Cluster 'pay' UpstreamRqTime = 1 0 0 0 9 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0\n"));
    }

    [Test]
    public void OnPart_CutAtEveryByte_GivesTheSame()
    {
        byte[][] messages = [Sample(true, 1_000), Sample(false, 6_000), Labelled(11_000)];
        var whole = Read(messages).Text;
        var length = messages.Max(message => message.Length);
        for (var cut = 1; cut < length; cut++)
        {
            var sink = new RecordingSink(_pool);
            var reader = Reader(sink);
            foreach (var message in messages)
            {
                var at = Math.Min(cut, message.Length);
                Assert.That(reader.OnMessageStart(message.Length), Is.True);
                Assert.That(reader.OnPart(new(message, 0, at), false, default), Is.True, reader.Error.ToString());
                Assert.That(reader.OnPart(new(message, at, message.Length - at), true, default), Is.True);
            }

            Assert.That(sink.Text, Is.EqualTo(whole), $"cut at {cut}");
        }
    }

    [Test]
    public void OnPart_SegmentsOfAnySize_GivesTheSame()
    {
        byte[][] messages = [Sample(true, 1_000), Sample(false, 6_000), Labelled(11_000)];
        var whole = Read(messages).Text;
        for (var size = 1; size < 70; size++)
        {
            var sink = new RecordingSink(_pool);
            var reader = Reader(sink);
            foreach (var message in messages)
            {
                reader.OnMessageStart(message.Length);
                Assert.That(reader.OnPart(CutBytes.Segments(message, size), true, default), Is.True);
            }

            Assert.That(sink.Text, Is.EqualTo(whole), $"segments of {size}");
        }
    }

    [Test]
    public void OnPart_LabelsMode_RestoresTheFullName()
    {
        var sink = Read([Sample(true, 1_000), Labelled(6_000)]);
        Assert.That(sink.Text, Does.Contain("  Cluster 'svc-4.ns4.example' UpstreamRq5xx = 4\n"));
        Assert.That(sink.Text, Does.Contain("  Cluster 'other' UpstreamRq5xx = 5\n"));
        Assert.That(sink.Text, Does.Contain("  HttpConnectionManager 'in' NoRoute = 6\n"));
    }

    [Test]
    public void OnPart_SecondFlushInTheSameOrder_IsPredictedThroughout()
    {
        var reader = Reader(new NullSink(_pool));
        Send(reader, Sample(true, 1_000));
        Send(reader, Sample(false, 6_000));
        var before = reader.Mispredictions;
        for (var flush = 3; flush < 10; flush++)
            Send(reader, Sample(false, flush * 5_000));
        Assert.That(reader.Mispredictions, Is.EqualTo(before));
    }

    [Test]
    public void OnPart_NewSeriesInTheMiddle_CostsItsOwnMissesOnly()
    {
        var envoy = new EnvoyStats("envoy-1");
        for (var i = 0; i < 100; i++)
            envoy.Serve($"c{i}", 10, 0);
        var reader = Reader(new NullSink(_pool));
        Send(reader, envoy.Flush(true, 1_000));
        Send(reader, envoy.Flush(false, 2_000));
        var before = reader.Mispredictions;
        var message = envoy.Message(false, 3_000);
        message.EnvoyMetrics.Insert(50, EnvoyStats.Family("cluster.c7.upstream_rq_5xx", 1, false, 3_000));
        Send(reader, message.ToByteArray());
        Assert.That(reader.Mispredictions - before, Is.EqualTo(1));
        Send(reader, message.ToByteArray());
        Assert.That(reader.Mispredictions - before, Is.EqualTo(1));
    }

    [Test]
    public void OnPart_FlushInSeveralMessages_NumbersTheParts()
    {
        var envoy = new EnvoyStats("envoy-1");
        envoy.Serve("a", 10, 1);
        var sink = Read([
            envoy.Message(true, 1_000, 0, 2).ToByteArray(),
            envoy.Message(false, 1_000, 2, 2).ToByteArray(),
            envoy.Message(false, 6_000, 0, 2).ToByteArray(),
        ]);
        Assert.That(sink.Text, Does.Contain("batch 7 0.0 at 1000"));
        Assert.That(sink.Text, Does.Contain("batch 7 1.1 at 1000"));
        Assert.That(sink.Text, Does.Contain("batch 7 2.0 at 6000"));
    }

    [Test]
    public void OnPart_SeriesBeyondTheLimit_AreCountedNotKept()
    {
        var envoy = new EnvoyStats("envoy-1");
        for (var i = 0; i < 100; i++)
            envoy.Gauge($"cluster.c{i}.membership_total", 1);
        var sink = new RecordingSink(_pool);
        var options = new MetricsStreamOptions { SeriesMax = 10 };
        var reader = new MetricsStreamReader(7, options, _pool, sink);
        Send(reader, envoy.Flush(true, 1_000));
        Send(reader, envoy.Flush(false, 2_000));
        Assert.That(reader.SeriesCount, Is.EqualTo(10));
        Assert.That(sink.Text, Does.Contain("batch 7 1.0 at 2000 skipped 0 over 90 bad 0"));
    }

    [Test]
    public void OnPart_NoIdentifierFirst_IsRefused()
    {
        var sink = new RecordingSink(_pool);
        var reader = Reader(sink);
        Send(reader, Sample(false, 1_000));
        Assert.That(reader.Error, Is.EqualTo(new MetricsStreamError(MetricsStreamErrorCode.NoIdentifier, 0, 0)));
        Assert.That(sink.Text, Is.Empty);
        Assert.That(reader.OnMessageStart(10), Is.False);
    }

    [Test]
    public void OnPart_IdentifierAlone_OpensTheStreamWithoutAFlush()
    {
        var sink = Read([new EnvoyStats("envoy-1").Flush(true, 1_000)]);
        Assert.That(sink.Text, Is.EqualTo("open 7 envoy-1 gateway\n"));
    }

    [TestCase("00", MetricsStreamErrorCode.BadTag, 0)]
    [TestCase("FFFFFFFFFFFFFFFFFFFFFF", MetricsStreamErrorCode.BadVarint, 0)]
    [TestCase("1005", MetricsStreamErrorCode.BadWireType, 0)]
    [TestCase("1B", MetricsStreamErrorCode.BadWireType, 0)]
    [TestCase("1205", MetricsStreamErrorCode.BadLength, 1)]
    [TestCase("12", MetricsStreamErrorCode.Truncated, 0)]
    [TestCase("1A", MetricsStreamErrorCode.Truncated, 0)]
    [TestCase("1D0000", MetricsStreamErrorCode.Truncated, 0)]
    [TestCase("12020A05", MetricsStreamErrorCode.BadLength, 3)]
    [TestCase("12020805", MetricsStreamErrorCode.BadWireType, 2)]
    [TestCase("12021A00", MetricsStreamErrorCode.BadWireType, 2)]
    [TestCase("1205220312014F", MetricsStreamErrorCode.BadWireType, 6)]
    [TestCase("1206220412020900", MetricsStreamErrorCode.Truncated, 7)]
    [TestCase("0A020A05", MetricsStreamErrorCode.BadLength, 3)]
    public void OnPart_MalformedBytes_SaysWhatAndWhereHoweverCut(string hex, MetricsStreamErrorCode code, int offset)
    {
        var bytes = Convert.FromHexString(hex);
        for (var size = 1; size <= bytes.Length; size++)
        {
            var reader = Reader(new NullSink(_pool));
            reader.OnMessageStart(bytes.Length);
            Assert.That(reader.OnPart(CutBytes.Segments(bytes, size), true, default), Is.False);
            Assert.That(reader.Error, Is.EqualTo(new MetricsStreamError(code, 0, offset)), $"segments of {size}");
        }
    }

    [Test]
    public void OnPart_MoreOrLessThanAnnounced_IsRefused()
    {
        var bytes = Sample(true, 1_000);
        var longer = Reader(new NullSink(_pool));
        longer.OnMessageStart(bytes.Length - 1);
        longer.OnPart(new ReadOnlySequence<byte>(bytes), true, default);
        Assert.That(longer.Error.Code, Is.EqualTo(MetricsStreamErrorCode.Overrun));
        var shorter = Reader(new NullSink(_pool));
        shorter.OnMessageStart(bytes.Length + 1);
        shorter.OnPart(new ReadOnlySequence<byte>(bytes), true, default);
        Assert.That(shorter.Error.Code, Is.EqualTo(MetricsStreamErrorCode.Truncated));
    }

    [Test]
    public void OnMessageStart_LongerThanTheLimit_IsRefused()
    {
        var reader = new MetricsStreamReader(
            7, new MetricsStreamOptions { MessageLengthMax = 100 }, _pool, new NullSink(_pool));
        Assert.That(reader.OnMessageStart(101), Is.False);
        Assert.That(reader.Error.Code, Is.EqualTo(MetricsStreamErrorCode.MessageTooLong));
    }

    [Test]
    public void OnPart_FamilyLongerThanTheLimit_IsRefusedBeforeItIsKept()
    {
        var reader = new MetricsStreamReader(
            7, new MetricsStreamOptions { FieldLengthMax = 20 }, _pool, new NullSink(_pool));
        var bytes = Sample(true, 1_000);
        Send(reader, bytes);
        Assert.That(reader.Error.Code, Is.EqualTo(MetricsStreamErrorCode.FieldTooLong));
    }

    internal static byte[] Sample(bool identify, long millis)
    {
        var message = new EnvoyStats("envoy-1").Message(identify, millis);
        const string Dotted = "cluster.svc-4.ns4.example.upstream_rq_completed";
        message.EnvoyMetrics.Add(EnvoyStats.Family(Dotted, 120, false, millis));
        message.EnvoyMetrics.Add(EnvoyStats.Histogram("cluster.pay.upstream_rq_time", millis, isSummary: true));
        message.EnvoyMetrics.Add(EnvoyStats.Histogram("cluster.pay.upstream_rq_time", millis, isSummary: false));
        message.EnvoyMetrics.Add(EnvoyStats.Family("cluster.pay.membership_total", 3, true, millis));
        message.EnvoyMetrics.Add(EnvoyStats.Family("cluster.pay.lb_healthy_panic", 3, false, millis));
        message.EnvoyMetrics.Add(EnvoyStats.Family("server.uptime", 12, true, millis));
        message.EnvoyMetrics.Add(EnvoyStats.Family("server.live", double.NaN, true, millis));
        message.EnvoyMetrics.Add(EnvoyStats.Family("server.uptime", 12, false, millis));
        return message.ToByteArray();
    }

    internal static byte[] Labelled(long millis)
    {
        var message = new StreamMetricsMessage();
        var family = EnvoyStats.Family("cluster.ns4.example.upstream_rq_xx", 4, false, millis);
        AddLabels(family.Metric[0], "envoy.cluster_name=svc-4", "envoy.response_code_class=5");
        message.EnvoyMetrics.Add(family);
        family = EnvoyStats.Family("cluster.upstream_rq_xx", 5, false, millis);
        AddLabels(family.Metric[0], "envoy.response_code_class=5", "envoy.cluster_name=other");
        message.EnvoyMetrics.Add(family);
        family = EnvoyStats.Family("http.no_route", 6, false, millis);
        AddLabels(family.Metric[0], "envoy.http_conn_manager_prefix=in");
        var second = family.Metric[0].Clone();
        second.Label[0].Value = "out";
        family.Metric.Add(second);
        message.EnvoyMetrics.Add(family);
        return message.ToByteArray();
    }

    private static void AddLabels(Metric metric, params string[] labels)
    {
        foreach (var label in labels)
        {
            var parts = label.Split('=');
            metric.Label.Add(new LabelPair { Name = parts[0], Value = parts[1] });
        }
    }

    private static void Send(MetricsStreamReader reader, byte[] message)
    {
        reader.OnMessageStart(message.Length);
        reader.OnPart(new ReadOnlySequence<byte>(message), true, default);
    }

    private MetricsStreamReader Reader(IFlushSink sink) => new(7, new MetricsStreamOptions(), _pool, sink);

    private RecordingSink Read(byte[][] messages)
    {
        var sink = new RecordingSink(_pool);
        var reader = Reader(sink);
        foreach (var message in messages)
            Send(reader, message);
        Assert.That(reader.Error.IsNone, Is.True, reader.Error.ToString());
        return sink;
    }
}
