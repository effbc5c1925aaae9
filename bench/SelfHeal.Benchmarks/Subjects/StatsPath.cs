using System.Buffers;
using SelfHeal.Core.Detection;
using SelfHeal.Core.Series;
using SelfHeal.Core.Time;
using SelfHeal.Core.Topology;
using SelfHeal.Xds.Stats;

namespace SelfHeal.Benchmarks.Subjects;

/// <summary>The stats path on one thread: message bytes, reader, batch, fold, tick, detector.</summary>
internal sealed class StatsPath : IFlushSink
{
    /// <summary>Kestrel hands over segments of 4 KiB.</summary>
    private const int SegmentLength = 4096;

    private readonly FlushBatchPool _pool = new();
    private readonly TelemetryFold _fold = new(new TelemetryOptions());
    private readonly Detector _detector = new(new DetectionOptions());
    private readonly MetricsStreamReader _reader;
    private ControlTime _now = new(1_000_000_000_000, DateTimeOffset.UnixEpoch);

    private readonly StatsPathEnd _end;

    public StatsPath(StatsPathEnd end)
    {
        _end = end;
        _reader = new MetricsStreamReader(1, new MetricsStreamOptions(), _pool, this);
    }

    /// <summary>Samples in all batches so far: what is fast because it leaves something out shows here.</summary>
    public long Samples { get; private set; }

    public long Blocks => _fold.ClosedSequence + 1;

    public long Mispredictions => _reader.Mispredictions;

    public int Findings => _detector.Findings.Length;

    /// <summary>One message, and the tick 100 ms after it; then 4.9 s pass.</summary>
    public void Run(in ReadOnlySequence<byte> message)
    {
        var isAccepted = _reader.OnMessageStart((int)message.Length) && _reader.OnPart(message, true, _now);
        if (!isAccepted)
            throw new InvalidOperationException($"The message was refused: {_reader.Error}");
        _now = _now.Plus(TimeSpan.FromMilliseconds(100));
        if (_end != StatsPathEnd.Batches)
            _fold.OnTick(_now);
        if (_end == StatsPathEnd.Verdicts)
            _detector.OnBlocks(_fold, GatewayTopology.Empty);
        _now = _now.Plus(TimeSpan.FromMilliseconds(4_900));
    }

    public void StreamOpened(long stream, string node, string nodeCluster, ControlTime now) =>
        _fold.OnStreamOpened(stream, node, nodeCluster, now);

    public void Post(FlushBatch batch)
    {
        Samples += batch.Count + batch.HistogramIndexes.Length + batch.SkippedSamples + batch.OverflowedSamples
            + batch.UnusableSamples;
        if (_end != StatsPathEnd.Batches)
            _fold.OnBatch(batch, _now);
        _pool.Return(batch);
    }

    public static ReadOnlySequence<byte> Segments(byte[] bytes)
    {
        var first = new Segment(bytes.AsMemory(0, Math.Min(SegmentLength, bytes.Length)), null);
        var last = first;
        for (var start = SegmentLength; start < bytes.Length; start += SegmentLength)
            last = new Segment(bytes.AsMemory(start, Math.Min(SegmentLength, bytes.Length - start)), last);
        return new ReadOnlySequence<byte>(first, 0, last, last.Memory.Length);
    }

    private sealed class Segment : ReadOnlySequenceSegment<byte>
    {
        public Segment(ReadOnlyMemory<byte> memory, Segment? before)
        {
            Memory = memory;
            if (before is null)
                return;
            RunningIndex = before.RunningIndex + before.Memory.Length;
            before.Next = this;
        }
    }
}
