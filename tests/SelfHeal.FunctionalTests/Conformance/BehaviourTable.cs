namespace SelfHeal.FunctionalTests.Conformance;

/// <summary>What must be shown, fixed beforehand in <c>behaviours.txt</c>.</summary>
internal static class BehaviourTable
{
    public static IReadOnlyList<BehaviourRow> Rows { get; } = Read();

    /// <summary>Every behaviour on every variant that it applies to.</summary>
    public static IEnumerable<(int Number, Variant Variant)> Cases =>
        from row in Rows
        from variant in Each(row.Variants)
        select (row.Number, variant);

    /// <summary>The single variants in a set, in the order of the table's columns.</summary>
    public static IEnumerable<Variant> Each(Variant variants) =>
        BehaviourRow.Words.Select(static word => word.Variant).Where(variant => variants.HasFlag(variant));

    private static IReadOnlyList<BehaviourRow> Read()
    {
        var assembly = typeof(BehaviourTable).Assembly;
        using var stream = assembly.GetManifestResourceStream("behaviours.txt")
            ?? throw new InvalidOperationException("behaviours.txt is not in the assembly");
        using var reader = new StreamReader(stream);
        return [.. reader.ReadToEnd().Split('\n')
            .Where(static line => line.Length > 0 && line[0] != '#')
            .Select(BehaviourRow.Parse)];
    }
}
