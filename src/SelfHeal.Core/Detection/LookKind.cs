namespace SelfHeal.Core.Detection;

/// <summary>How a look compares.</summary>
public enum LookKind : byte
{
    /// <summary>The last 1, 2, 4 or 12 blocks against the series' own baseline.</summary>
    OwnWindow = 0,

    /// <summary>A cumulative sum over blocks of minutes against the series' own baseline.</summary>
    Slow = 1,

    /// <summary>The last 1, 2, 4 or 12 blocks against the siblings in the same window.</summary>
    Contrast = 2,
}
