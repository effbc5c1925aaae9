using System.Buffers;
using SelfHeal.Core.Detection;
using SelfHeal.Core.Series;
using SelfHeal.Core.Time;
using SelfHeal.Core.Topology;
using SelfHeal.Xds.Stats;

namespace SelfHeal.UnitTests.Xds.Stats;

/// <summary>From message bytes to verdicts.</summary>
[TestFixture]
public sealed class StatsPathTests
{
    private static readonly GatewayTopology Topology = new(
        [
            new TrafficSplit("pay", "routes", "pay", "#0",
                [new VersionShare("v1", "pay-v1", 90), new VersionShare("v2", "pay-v2", 10)]),
        ],
        ["pay-v1", "pay-v2"]);

    [Test]
    public void Message_CanaryStartsToFail_IsABreachOfTheCanaryAlone()
    {
        var path = new Path();
        var envoy = new EnvoyStats("envoy-1");
        for (var flush = 0; flush < 10; flush++)
        {
            var isFailing = flush >= 8;
            envoy.Gauge("server.uptime", flush * 5);
            envoy.Serve("pay-v1", 900, 0);
            envoy.Serve("pay-v2", 100, isFailing ? 30 : 0);
            path.Run(envoy.Flush(flush == 0, 1_000 + (flush * 5_000)));
            if (!isFailing)
                Assert.That(path.Detector.Findings.Length, Is.Zero);
        }

        var scopes = new HashSet<string>(StringComparer.Ordinal);
        var kinds = new HashSet<LookKind>();
        foreach (var finding in path.Detector.Findings)
        {
            if (finding.Verdict != Verdict.Breach)
                continue;
            scopes.Add(finding.Scope);
            kinds.Add(finding.Kind);
        }

        Assert.That(scopes, Is.EquivalentTo((string[])["pay-v2"]));
        Assert.That(kinds, Does.Contain(LookKind.Contrast));
        Assert.That(path.Fold.Clusters.Length, Is.EqualTo(2), "external. is a qualifier and no cluster");
    }

    [Test]
    public void Message_SteadyState_AllocatesNothing()
    {
        var path = new Path();
        var envoy = new EnvoyStats("envoy-1");
        var messages = new byte[12][];
        for (var flush = 0; flush < messages.Length; flush++)
        {
            envoy.Gauge("server.uptime", flush * 5);
            for (var cluster = 0; cluster < 50; cluster++)
                envoy.Serve($"service-{cluster}.shop", 100 + cluster, cluster % 3);
            messages[flush] = envoy.Flush(flush == 0, 1_000 + (flush * 5_000));
        }

        var sequences = Array.ConvertAll(messages, message => CutBytes.Segments(message, 4_096));
        foreach (var sequence in sequences)
            path.Run(sequence);
        Assert.That(SteadyState.AllocatedBytes(RunFiveTimes), Is.Zero);

        void RunFiveTimes()
        {
            for (var i = 0; i < 5; i++)
                RunAll(path, sequences);
        }
    }

    private static void RunAll(Path path, ReadOnlySequence<byte>[] sequences)
    {
        for (var i = 1; i < sequences.Length; i++)
            path.Run(sequences[i]);
    }

    private sealed class Path : IFlushSink
    {
        private readonly FlushBatchPool _pool = new();
        private readonly MetricsStreamReader _reader;
        private ControlTime _now = new(1_000_000_000_000, DateTimeOffset.UnixEpoch);

        public Path() => _reader = new MetricsStreamReader(1, new MetricsStreamOptions(), _pool, this);

        public TelemetryFold Fold { get; } = new(new TelemetryOptions());

        public Detector Detector { get; } = new(new DetectionOptions());

        public void Run(byte[] message) => Run(new ReadOnlySequence<byte>(message));

        public void Run(in ReadOnlySequence<byte> message)
        {
            _reader.OnMessageStart((int)message.Length);
            if (!_reader.OnPart(message, true, _now))
                Assert.Fail(_reader.Error.ToString());
            _now = _now.Plus(TimeSpan.FromMilliseconds(100));
            Fold.OnTick(_now);
            Detector.OnBlocks(Fold, Topology);
            _now = _now.Plus(TimeSpan.FromMilliseconds(4_900));
        }

        public void StreamOpened(long stream, string node, string nodeCluster, ControlTime now) =>
            Fold.OnStreamOpened(stream, node, nodeCluster, now);

        public void Post(FlushBatch batch)
        {
            Fold.OnBatch(batch, _now);
            _pool.Return(batch);
        }
    }
}
