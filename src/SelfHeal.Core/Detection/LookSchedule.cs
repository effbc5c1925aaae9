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

    /// <summary>How the look at a place compares.</summary>
    internal static LookKind KindAt(int place) =>
        place < WindowCount ? LookKind.OwnWindow : place == WindowCount ? LookKind.Slow : LookKind.Contrast;

    /// <summary>The place in <see cref="Windows"/> of the look at a place; 0 for the slow look.</summary>
    internal static int WindowAt(int place) =>
        place < WindowCount ? place : place == WindowCount ? 0 : place - WindowCount - 1;
}
