namespace SelfHeal.Core.Time;

/// <summary>
/// Randomness, handed in through constructors: seeded once per process in production (the seed is logged), by the
/// scenario in the simulation.
/// </summary>
public interface IRandomSource
{
    /// <summary>A value drawn evenly from [0, <paramref name="bound"/>).</summary>
    /// <param name="bound">Greater than zero.</param>
    int NextInt32(int bound);
}
