using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using SelfHeal.Benchmarks.Figures;
using SelfHeal.Benchmarks.Recording;
using SelfHeal.Benchmarks.Streams;
using SelfHeal.Benchmarks.Subjects;

namespace SelfHeal.Benchmarks;

/// <summary>
/// The fast form of the benchmark for <c>make test</c>: allocated bytes per message against
/// <c>bench/expected-allocations.json</c>, and the judgement of recorded streams. Time is printed and decides nothing.
/// </summary>
internal sealed class AllocationGate
{
    private const int Rounds = 30;

    private readonly JsonElement _expected;
    private int _passed;
    private int _failed;

    private AllocationGate(JsonElement expected) => _expected = expected;

    /// <summary>Runs all checks; the last line says how many held, and the exit code is 1 where one did not.</summary>
    public static int Run(string expectedPath)
    {
        using var expected = JsonDocument.Parse(File.ReadAllText(expectedPath));
        var gate = new AllocationGate(expected.RootElement);
        gate.RunAll();
        Console.WriteLine($"{gate._passed} passed, {gate._failed} failed");
        return gate._failed == 0 ? 0 : 1;
    }

    private void RunAll()
    {
        Check("stats-path-1000-families", SampleStream.Synthetic(50, 10));
        Check("stats-path-7000-families", SampleStream.Synthetic(1_003, 2));
        Check("stats-path-busy-clusters", SampleStream.Synthetic(100, 100));
        foreach (var name in SampleStream.RecordedNames)
            Check(name, SampleStream.Recorded(name));
        CheckHealthy();
    }

    private void Check(string name, SampleStream stream)
    {
        var limit = _expected.GetProperty(name).GetInt64();
        Hold(Measure(name, stream, StatsPathEnd.Verdicts) <= limit, $"{name}: more than {limit} B allocated/message");
        Hold(
            Measure(name + "-reader-alone", stream, StatsPathEnd.Batches) <= limit,
            $"{name}-reader-alone: more than {limit} B allocated/message");
    }

    private void CheckHealthy()
    {
        var run = new FigureRun("");
        HealthyFigures.Report(run, SampleStream.PathOf(HealthyFigures.Recording));
        Hold(run.Figures.All(static f => f.Value == 0), "a healthy Envoy was suspected");

        // The same judge must see what is there to be seen, or its silence is worth nothing.
        foreach (var stream in RecordedStream.All)
        {
            if (stream.Options.Scenario != EnvoyScenario.BadCanary || stream.Options.Deltas)
                continue;
            var judge = StreamJudge.Judge(
                StreamFile.Read(SampleStream.PathOf(stream.Name)), stream.Options.FlushInterval);
            Console.WriteLine($"{stream.Name}: {judge.Suspicions} suspicions, {judge.Breaches} breaches");
            Hold(judge.Breaches > 0, $"{stream.Name}: a canary that fails 30 % was not seen");
        }
    }

    private void Hold(bool holds, string otherwise)
    {
        _passed += holds ? 1 : 0;
        _failed += holds ? 0 : 1;
        if (!holds)
            Console.WriteLine($"  FAILED: {otherwise}");
    }

    private long Measure(string name, SampleStream stream, StatsPathEnd end)
    {
        var path = new StatsPath(end);
        path.Run(stream.Messages[0]);
        var before = path.Samples;
        RunRound(path, stream);
        Hold(
            path.Samples - before == stream.Families,
            $"{name}: {path.Samples - before} samples were read, expected {stream.Families}");

        // The first rounds grow every array; some more let the runtime compile every method for good.
        var warm = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(warm) < TimeSpan.FromMilliseconds(200))
            RunRound(path, stream);
        var misses = path.Mispredictions;
        var fewest = long.MaxValue;
        var best = TimeSpan.MaxValue;
        for (var round = 0; round < Rounds; round++)
        {
            var allocated = GC.GetAllocatedBytesForCurrentThread();
            var start = Stopwatch.GetTimestamp();
            RunRound(path, stream);
            var elapsed = Stopwatch.GetElapsedTime(start);
            best = elapsed < best ? elapsed : best;

            // The runtime may replace a method's code in the middle of one round; what the path allocates it allocates
            // in every one.
            fewest = Math.Min(fewest, GC.GetAllocatedBytesForCurrentThread() - allocated);
        }

        var count = stream.Messages.Length - 1;
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{name}: {stream.Families / count} families, {stream.RoundBytes / count} B, "
            + $"{fewest / (double)count:F1} B allocated/message, best {best.TotalMicroseconds / count:F0} us/message, "
            + $"{stream.Families / best.TotalSeconds / 1e6:F1} M samples/s, "
            + $"{(path.Mispredictions - misses) / (double)(Rounds * count):F1} mispredictions/message"));
        return (fewest + count - 1) / count;
    }

    private static void RunRound(StatsPath path, SampleStream stream)
    {
        for (var i = 1; i < stream.Messages.Length; i++)
            path.Run(stream.Messages[i]);
    }
}
