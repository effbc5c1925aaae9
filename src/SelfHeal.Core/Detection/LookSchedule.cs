namespace SelfHeal.Core.Detection;

/// <summary>The nine looks: four windows against the own baseline, the slow one, four windows against the siblings. The
/// 9 in the threshold ln(9 N J) is their number.</summary>
public static class LookSchedule
{
    /// <summary>How many looks there are.</summary>
    public const int LookCount = 9;

    /// <summary>How many windows there are.</summary>
    public const int WindowCount = 4;

    private static readonly int[] WindowBlocks = [1, 2, 4, 12];

    /// <summary>The windows in blocks: 1, 2, 4, 12.</summary>
    public static ReadOnlySpan<int> Windows => WindowBlocks;

    /// <summary>The place of a look among the nine.</summary>
    /// <param name="kind">How it compares.</param>
    /// <param name="window">The place of its window in <see cref="Windows"/>; 0 for the slow look.</param>
    internal static int Place(LookKind kind, int window) => kind switch
    {
        LookKind.OwnWindow => window,
        LookKind.Slow => WindowCount,
        _ => WindowCount + 1 + window,
    };
}
