namespace SelfHeal.Core.Time;

/// <summary>
/// SplitMix64 (Steele, Lea and Flood, 2014): integers only, so every machine draws the same numbers from the same seed.
/// </summary>
/// <param name="seed">Any value; equal seeds give equal sequences.</param>
public sealed class SeededRandomSource(ulong seed) : IRandomSource
{
    private ulong _state = seed;

    /// <inheritdoc/>
    public int NextInt32(int bound)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(bound);
        _state += 0x9E3779B97F4A7C15;
        var mixed = _state;
        mixed = (mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9;
        mixed = (mixed ^ (mixed >> 27)) * 0x94D049BB133111EB;
        mixed ^= mixed >> 31;
        return (int)(((mixed >> 32) * (ulong)bound) >> 32);
    }
}
