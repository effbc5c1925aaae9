namespace SelfHeal.Core.Series;

/// <summary>How one gauge of several proxies becomes one number.</summary>
public enum GaugeCombine : byte
{
    /// <summary>The stat is a counter: its deltas are summed.</summary>
    Counter = 0,

    /// <summary>Each proxy holds a part of the whole.</summary>
    Sum = 1,

    /// <summary>Each proxy sees the same thing; the largest is the worst.</summary>
    Largest = 2,

    /// <summary>Each proxy sees the same thing; the smallest is the worst.</summary>
    Smallest = 3,
}
