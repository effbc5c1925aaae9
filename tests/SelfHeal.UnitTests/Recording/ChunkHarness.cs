using SelfHeal.Core.Control;
using SelfHeal.Core.Recording;
using SelfHeal.Core.Series;
using SelfHeal.Core.Time;

namespace SelfHeal.UnitTests.Recording;

/// <summary>Writes steps into chunks in memory and reads them back.</summary>
internal sealed class ChunkHarness
{
    public static readonly ControlTime Start =
        new(1_000_000_007, new DateTimeOffset(2026, 4, 12, 3, 17, 42, TimeSpan.Zero));

    private readonly StepEncoder _encoder = new();
    private readonly RecordedChunk _chunk = new();
    private readonly StepDecoder _decoder = new(new FlushBatchPool());

    public StepEncoder Encoder => _encoder;

    public StepDecoder Decoder => _decoder;

    /// <summary>The payload of the newest chunk.</summary>
    public byte[] Payload { get; private set; } = [];

    public ChunkHeader Header { get; private set; }

    /// <summary>One chunk with these steps, read back.</summary>
    public List<StepCopy> RoundTrip(
        IEnumerable<(ControlTime Now, ControlEvent[] Events, ControlEffect[] Effects)> steps, bool isKey = true)
    {
        Write(steps, isKey);
        Assert.That(_decoder.TryBegin(Header, Payload), Is.True, _decoder.Expected);
        return Read();
    }

    public void Write(
        IEnumerable<(ControlTime Now, ControlEvent[] Events, ControlEffect[] Effects)> steps, bool isKey = true)
    {
        foreach (var (now, events, effects) in steps)
        {
            if (_encoder.Chunk is null)
                _encoder.Begin(_chunk, now, isKey);
            _encoder.Add(now, events, effects);
        }

        var chunk = _encoder.End();
        var names = new RecordingBuffer();
        foreach (var growth in chunk.Growth)
            CatalogCodec.Write(names, growth, growth.From, int.MaxValue);
        Assert.That(_decoder.TryAddCatalogs(names.Written), Is.True, _decoder.Expected);
        Payload = chunk.Buffer.Written.ToArray();
        Header = new ChunkHeader
        {
            Kind = ChunkKind.Steps,
            IsKey = chunk.IsKey,
            Sequence = chunk.Sequence,
            First = chunk.First,
            LastNanos = chunk.LastNanos,
        };
    }

    public List<StepCopy> Read()
    {
        var pool = new FlushBatchPool(0);
        var copies = new List<StepCopy>();
        var step = new RecordedStep();
        while (_decoder.TryRead(step))
        {
            copies.Add(new StepCopy(
                step.Now, [.. step.Events.Select(BatchCopy.Of)], [.. step.Effects], [.. step.Unrecorded]));
            step.Clear(pool);
        }

        Assert.That(_decoder.Expected, Is.Null);
        return copies;
    }
}

/// <summary>What a step was.</summary>
internal sealed record StepCopy(
    ControlTime Now, List<object> Events, List<RecordedEffect> Effects, List<string> Unrecorded);
