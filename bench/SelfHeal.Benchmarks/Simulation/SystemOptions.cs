namespace SelfHeal.Benchmarks.Simulation;

/// <summary>What a simulated service is like when nothing is wrong.</summary>
/// <param name="Rate">Requests a second, over both versions.</param>
/// <param name="Shape">Of the luck that both versions share.</param>
/// <param name="MemoryMinutes">How long a draw of luck lasts in the mean.</param>
/// <param name="OwnShape">Of each version's own luck; positive infinity where it has none.</param>
internal sealed record SystemOptions(double Rate, double Shape, double MemoryMinutes, double OwnShape)
{
    /// <summary>The ratio of failures in the mean.</summary>
    public double Ratio { get; init; } = 0.002;

    /// <summary>Services, each a system of its own.</summary>
    public int Services { get; init; } = 24;

    /// <summary>J.</summary>
    public long Series { get; init; } = 1;

    public ulong Seed { get; init; } = 1;
}
