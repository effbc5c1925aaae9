using System.Buffers;
using SelfHeal.Benchmarks.Recording;
using SelfHeal.Benchmarks.Streams;
using SelfHeal.Core.Control;
using SelfHeal.Core.Detection;
using SelfHeal.Core.Rings;
using SelfHeal.Core.Series;
using SelfHeal.Core.Time;
using SelfHeal.Core.Topology;
using SelfHeal.Xds.Stats;

namespace SelfHeal.Benchmarks.Subjects;

/// <summary>
/// What the detector and the control loop say about a recorded stream: the frames come at the times at which they
/// came, with a tick every 50 ms between them.
/// </summary>
internal sealed class StreamJudge : IFlushSink
{
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(50);

    /// <summary>The split that <see cref="EnvoyBootstrap"/> configures.</summary>
    private static readonly GatewayTopology Topology = new(
        [
            new TrafficSplit("payments", "gateway-routes", "gateway", "payments",
            [
                new VersionShare("v1", EnvoyBootstrap.Stable, 90), new VersionShare("v2", EnvoyBootstrap.Canary, 10),
            ]),
        ],
        [EnvoyBootstrap.Stable, EnvoyBootstrap.Canary]);

    private readonly FlushBatchPool _pool = new();
    private readonly TelemetryFold _fold;
    private readonly Detector _detector;
    private readonly ControlLoop _loop;
    private readonly MetricsStreamReader _reader;
    private readonly List<ControlEvent> _inbox = [];
    private readonly List<ControlEffect> _outbox = [];
    private ControlTime _now;

    private StreamJudge(TimeSpan flushInterval, ControlTime now)
    {
        _now = now;
        var telemetry = new TelemetryOptions { FlushInterval = flushInterval };
        var detection = new DetectionOptions { FlushInterval = flushInterval };
        _fold = new TelemetryFold(telemetry);
        _detector = new Detector(detection);
        var options = new ControlLoopOptions
        {
            Instance = "bench",
            SoftwareVersion = "bench",
            Policy = new RemediationPolicy { Hash = new string('0', 64), ApprovedBy = ["bench"] },
            Telemetry = telemetry,
            Detection = detection,
        };
        _loop = new ControlLoop(options, [], now);
        _inbox.Add(new ControlEvent.TopologyChanged(Topology));
        _reader = new MetricsStreamReader(1, new MetricsStreamOptions(), _pool, this);
    }

    /// <summary>Looks that started a diagnosis; breaches are among them.</summary>
    public int Suspicions { get; private set; }

    /// <summary>Looks that said breach.</summary>
    public int Breaches { get; private set; }

    /// <summary>Decision records that the control loop wrote.</summary>
    public int Records { get; private set; }

    /// <summary>Blocks that were judged.</summary>
    public long Blocks => _detector.EvaluatedSequence + 1;

    /// <summary>Series that were looked at in each.</summary>
    public int Series => _detector.SeriesCount;

    /// <summary>The time from the first frame to the last.</summary>
    public TimeSpan Length { get; private set; }

    /// <summary>Judges a whole stream.</summary>
    public static StreamJudge Judge(IReadOnlyList<StreamFrame> frames, TimeSpan flushInterval)
    {
        ArgumentNullException.ThrowIfNull(frames);
        var judge = new StreamJudge(flushInterval, TimeOf(frames[0].ArrivalNanos));
        foreach (var frame in frames)
            judge.Take(frame);
        judge.StepUntil(TimeOf(frames[^1].ArrivalNanos).Plus(flushInterval));
        judge.Length = TimeOf(frames[^1].ArrivalNanos).Since(TimeOf(frames[0].ArrivalNanos));
        return judge;
    }

    public void StreamOpened(long stream, string node, string nodeCluster, ControlTime now)
    {
        _fold.OnStreamOpened(stream, node, nodeCluster, now);
        _inbox.Add(new ControlEvent.StatsStreamOpened(stream, node, nodeCluster));
    }

    public void Post(FlushBatch batch)
    {
        _fold.OnBatch(batch, _now);
        _inbox.Add(batch.Received);
        Step();
        _pool.Return(batch);
    }

    private static ControlTime TimeOf(ulong arrivalNanos)
    {
        var nanos = (long)arrivalNanos;
        return new ControlTime(nanos, DateTimeOffset.UnixEpoch.AddTicks(nanos / 100));
    }

    private void Take(StreamFrame frame)
    {
        StepUntil(TimeOf(frame.ArrivalNanos));
        var bytes = new ReadOnlySequence<byte>(frame.Message);
        if (!_reader.OnMessageStart(frame.Message.Length) || !_reader.OnPart(bytes, end: true, _now))
            throw new InvalidDataException($"the recorded message was refused: {_reader.Error}");
    }

    private void StepUntil(ControlTime end)
    {
        while (end.Since(_now) > Tick)
        {
            _now = _now.Plus(Tick);
            Step();
        }

        _now = end;
    }

    private void Step()
    {
        _loop.Step(_now, System.Runtime.InteropServices.CollectionsMarshal.AsSpan(_inbox), _outbox);
        _inbox.Clear();
        foreach (var effect in _outbox)
            Records += effect is ControlEffect.AppendRecord ? 1 : 0;
        _outbox.Clear();
        _fold.OnTick(_now);
        if (!_detector.OnBlocks(_fold, Topology))
            return;
        foreach (ref readonly var finding in _detector.Findings)
        {
            Suspicions++;
            Breaches += finding.Verdict == Verdict.Breach ? 1 : 0;
        }
    }
}
