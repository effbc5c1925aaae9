namespace SelfHeal.Xds.Accepted;

/// <summary>What came out of a file of kept configuration. A closed set.</summary>
/// <typeparam name="T">What it holds.</typeparam>
public abstract record StateReading<T>
{
    private StateReading()
    {
    }

    /// <summary>The file is whole.</summary>
    /// <param name="Generation">Its number; a later one replaces an earlier one.</param>
    /// <param name="Value">What it holds.</param>
    public sealed record Read(ulong Generation, T Value) : StateReading<T>;

    /// <summary>The file cannot be used.</summary>
    /// <param name="Problem">What is wrong with it.</param>
    public sealed record Broken(string Problem) : StateReading<T>;
}
