namespace SelfHeal.UnitTests;

/// <summary>Measures what an operation allocates once it has warmed up.</summary>
internal static class SteadyState
{
    // The runtime may replace a method's code, or grow a pool, in the middle of one round; what the operation itself
    // allocates it allocates in every round.
    private const int Rounds = 5;

    /// <summary>The fewest bytes that this thread allocated in one of several rounds.</summary>
    /// <param name="round">Runs the operation many times; called once more before, to warm up.</param>
    public static long AllocatedBytes(Action round)
    {
        round();
        var fewest = long.MaxValue;
        for (var i = 0; i < Rounds; i++)
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            round();
            fewest = Math.Min(fewest, GC.GetAllocatedBytesForCurrentThread() - before);
        }

        return fewest;
    }
}
