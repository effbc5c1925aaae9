using System.Buffers;
using BenchmarkDotNet.Attributes;

namespace SelfHeal.Benchmarks;

/// <summary>One stats message from bytes to verdicts; 0 B allocated is the gate, time is reported.</summary>
[MemoryDiagnoser]
public class StatsPathBenchmarks
{
    private readonly StatsPath _path = new();
    private ReadOnlySequence<byte>[] _messages = [];
    private int _next;

    /// <summary>Clusters in all, and how many of them carry traffic.</summary>
    [Params("50/10", "1003/2", "100/100")]
    public string Clusters { get; set; } = "";

    [GlobalSetup]
    public void Setup()
    {
        var parts = Clusters.Split('/');
        _messages = AllocationGate.Messages(int.Parse(parts[0]), int.Parse(parts[1]));
        foreach (var message in _messages)
            _path.Run(message);
        _next = 1;
    }

    [Benchmark]
    public void Message()
    {
        // The messages repeat from the second on: counters fall once per round, which costs what a rise costs.
        _path.Run(_messages[_next]);
        _next = _next + 1 == _messages.Length ? 1 : _next + 1;
    }
}
