using System.Buffers;
using BenchmarkDotNet.Attributes;
using SelfHeal.Benchmarks.Streams;
using SelfHeal.Benchmarks.Subjects;

namespace SelfHeal.Benchmarks;

/// <summary>
/// One stats message decoded, folded and judged, beside the same bytes through Google.Protobuf. 0 B allocated is the
/// gate, time is reported.
/// </summary>
[MemoryDiagnoser]
public class StatsPathBenchmarks
{
    private readonly StatsPath _decode = new(StatsPathEnd.Batches);
    private readonly StatsPath _path = new(StatsPathEnd.Windows);
    private readonly StatsPath _verdicts = new(StatsPathEnd.Verdicts);
    private readonly GeneratedPath _generated = new();
    private ReadOnlySequence<byte>[] _messages = [];
    private int _next;

    /// <summary>A recorded stream, or clusters in all and how many of them carry traffic.</summary>
    [Params("100/100", "healthy-53", "healthy-1003", "healthy-253-labels", "healthy-253-batch500", "retry-storm-53")]
    public string Stream { get; set; } = "";

    [GlobalSetup]
    public void Setup()
    {
        var parts = Stream.Split('/');
        var stream = parts.Length == 2
            ? SampleStream.Synthetic(int.Parse(parts[0]), int.Parse(parts[1]))
            : SampleStream.Recorded(Stream);
        _messages = stream.Messages;
        foreach (var message in _messages)
        {
            _decode.Run(message);
            _path.Run(message);
            _verdicts.Run(message);
            _generated.Run(message);
        }

        _next = 1;
    }

    /// <summary>Bytes to batches.</summary>
    [Benchmark]
    public void Decode() => _decode.Run(Next());

    /// <summary>Bytes to updated windows.</summary>
    [Benchmark]
    public void DecodeAndFold() => _path.Run(Next());

    /// <summary>Bytes to verdicts.</summary>
    [Benchmark]
    public void DecodeFoldAndScore() => _verdicts.Run(Next());

    /// <summary>Bytes to message objects, whose values are added up.</summary>
    [Benchmark(Baseline = true)]
    public double GeneratedDecode() => GeneratedPath.Decode(Next());

    /// <summary>Bytes to updated windows by way of message objects.</summary>
    [Benchmark]
    public void GeneratedDecodeAndFold() => _generated.Run(Next());

    // The messages repeat from the second on: counters fall once per round, which costs what a rise costs.
    private ref readonly ReadOnlySequence<byte> Next()
    {
        ref readonly var message = ref _messages[_next];
        _next = _next + 1 == _messages.Length ? 1 : _next + 1;
        return ref message;
    }
}
