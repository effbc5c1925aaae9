using System.Buffers;
using System.Diagnostics;
using System.Globalization;
using System.Text.Json;

namespace SelfHeal.Benchmarks;

/// <summary>
/// The fast form of the benchmark for <c>make test</c>: allocated bytes per message against
/// <c>bench/expected-allocations.json</c>. Time is printed and decides nothing.
/// </summary>
internal static class AllocationGate
{
    private const int Rounds = 50;
    private const int MessageCount = 9;

    private static readonly (string Name, int Clusters, int Busy)[] Cases =
    [
        ("stats-path-1000-families", 50, 10),
        ("stats-path-7000-families", 1_003, 2),
        ("stats-path-busy-clusters", 100, 100),
    ];

    public static ReadOnlySequence<byte>[] Messages(int clusters, int busy) =>
        [.. Enumerable.Range(0, MessageCount).Select(
            flush => StatsPath.Segments(StatsMessages.Flush(clusters, busy, flush)))];

    /// <summary>Runs all cases; the exit code is 1 where one allocates more than expected.</summary>
    public static int Run(string expectedPath)
    {
        using var expected = JsonDocument.Parse(File.ReadAllText(expectedPath));
        var isHeld = true;
        foreach (var (name, clusters, busy) in Cases)
        {
            var limit = expected.RootElement.GetProperty(name).GetInt64();
            var allocated = Measure(name, clusters, busy, isReaderAlone: false);
            allocated = Math.Max(allocated, Measure(name + "-reader-alone", clusters, busy, isReaderAlone: true));
            isHeld &= allocated <= limit;
            if (allocated > limit)
                Console.WriteLine($"  FAILED: more than {limit} B allocated/message");
        }

        return isHeld ? 0 : 1;
    }

    private static long Measure(string name, int clusters, int busy, bool isReaderAlone)
    {
        var messages = Messages(clusters, busy);
        var families = StatsMessages.Samples(messages[1].ToArray());
        var path = new StatsPath(isReaderAlone);
        path.Run(messages[0]);

        // The first rounds grow every array; a second lets the runtime compile every method for good.
        var warm = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(warm) < TimeSpan.FromSeconds(1))
            RunRound(path, messages);
        var misses = path.Mispredictions;
        var fewest = long.MaxValue;
        var best = TimeSpan.MaxValue;
        for (var round = 0; round < Rounds; round++)
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            var start = Stopwatch.GetTimestamp();
            RunRound(path, messages);
            var elapsed = Stopwatch.GetElapsedTime(start);
            best = elapsed < best ? elapsed : best;

            // The runtime may replace a method's code in the middle of one round; what the path allocates it allocates
            // in every one.
            fewest = Math.Min(fewest, GC.GetAllocatedBytesForCurrentThread() - before);
        }

        var count = messages.Length - 1;
        var perMessage = best / (messages.Length - 1);
        var rate = families / perMessage.TotalSeconds / 1e6;
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{name}: {families} families, {messages[1].Length} B, {fewest / (double)count:F1} B allocated/message, "
            + $"best {perMessage.TotalMicroseconds:F0} us/message, {rate:F1} M samples/s, "
            + $"{path.Mispredictions - misses} mispredictions, {path.Blocks} blocks"));
        return (fewest + count - 1) / count;
    }

    private static void RunRound(StatsPath path, ReadOnlySequence<byte>[] messages)
    {
        for (var i = 1; i < messages.Length; i++)
            path.Run(messages[i]);
    }
}
