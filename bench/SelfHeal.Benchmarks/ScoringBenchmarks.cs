using BenchmarkDotNet.Attributes;
using SelfHeal.Benchmarks.Subjects;

namespace SelfHeal.Benchmarks;

/// <summary>One evaluation of all looks at 100,000 series.</summary>
[MemoryDiagnoser]
public class ScoringBenchmarks
{
    private DetectorSubject _subject = null!; // Set before every run.

    /// <summary>Series of a thousand that have events in the window, and of those with a running CUSUM.</summary>
    [Params("100/10", "1000/1000")]
    public string Busy { get; set; } = "";

    [GlobalSetup]
    public void Setup()
    {
        var parts = Busy.Split('/');
        _subject = new DetectorSubject(100_000, int.Parse(parts[0]), int.Parse(parts[1]));
    }

    // One evaluation per iteration: a block is judged once, and bringing the next one is not timed.
    [IterationSetup]
    public void Feed() => _subject.Feed();

    [Benchmark]
    public void Evaluate() => _subject.Evaluate();
}
