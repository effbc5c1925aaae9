using System.Globalization;

namespace SelfHeal.FunctionalTests.Conformance;

/// <summary>One line of the table of behaviours.</summary>
/// <param name="Number">1 to 95.</param>
/// <param name="Variants">Where it applies.</param>
/// <param name="Source">Where it is written, or who was seen to get it wrong.</param>
/// <param name="Title">What a correct server does.</param>
/// <param name="Reason">Why it does not apply to the other variants of a stream; empty where it applies to all.</param>
internal sealed record BehaviourRow(int Number, Variant Variants, string Source, string Title, string Reason)
{
    /// <summary>The variants by the words of the table, in the order of its columns.</summary>
    public static IReadOnlyList<(string Word, Variant Variant)> Words { get; } =
    [
        ("SA", Variant.SotwAds),
        ("DA", Variant.DeltaAds),
        ("SP", Variant.SotwPerType),
        ("DP", Variant.DeltaPerType),
        ("REST", Variant.Rest),
        ("LRS", Variant.Lrs),
    ];

    /// <summary>Reads a line: number, variants, source, title and reason, with bars between them.</summary>
    public static BehaviourRow Parse(string line)
    {
        var cells = line.Split('|', StringSplitOptions.TrimEntries);
        if (cells.Length != 5)
            throw new FormatException($"'{line}' has {cells.Length} cells, expected 5");
        var variants = Variant.None;
        foreach (var word in cells[1].Split(' '))
            variants |= Words.Single(w => w.Word == word).Variant;
        var number = int.Parse(cells[0], CultureInfo.InvariantCulture);
        return new BehaviourRow(number, variants, cells[2], cells[3], cells[4]);
    }
}
