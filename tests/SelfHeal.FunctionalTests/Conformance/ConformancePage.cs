using System.Text;

namespace SelfHeal.FunctionalTests.Conformance;

/// <summary>Makes <c>docs/xds-conformance.md</c> from what a run has shown.</summary>
internal static class ConformancePage
{
    private static readonly Variant[] Columns =
        [Variant.SotwAds, Variant.DeltaAds, Variant.SotwPerType, Variant.DeltaPerType];

    /// <summary>The whole page.</summary>
    /// <param name="peers">The line that names Envoy and the other peers.</param>
    public static string Render(string peers)
    {
        var text = new StringBuilder();
        var shown = BehaviourTable.Cases.Count(static c => ConformanceRun.Find(c.Number, c.Variant) is true);
        var cases = BehaviourTable.Cases.Count();
        var rows = BehaviourTable.Rows.Count(IsShown);
        text.Append(
            $"""
            # xDS conformance

            This page is written by the tests that it reports (`tests/SelfHeal.FunctionalTests/Conformance`): one
            test per behaviour, named after its number, on every variant that it applies to, over real sockets and
            raw gRPC. Which apply was fixed beforehand in
            [behaviours.txt](../tests/SelfHeal.FunctionalTests/Conformance/behaviours.txt).
            `SELFHEAL_UPDATE_GOLDEN=1 make test` writes it anew; a run that gives another page fails.

            {peers}

            **{rows} of {BehaviourTable.Rows.Count} behaviours are shown, {shown} of {cases} cases.**

            | | behaviour | source | SotW ADS | delta ADS | SotW per type | delta per type | n/a because |
            |---|---|---|---|---|---|---|---|

            """);
        foreach (var row in BehaviourTable.Rows)
        {
            var cells = string.Join(" | ", Columns.Select(column => Cell(row, column)));
            text.Append($"| {row.Number} | {row.Title} | {row.Source} | {cells} | {row.Reason} |\n");
        }
        AppendPeers(text);
        return text.ToString();
    }

    private static bool IsShown(BehaviourRow row) =>
        BehaviourTable.Each(row.Variants).All(variant => ConformanceRun.Find(row.Number, variant) is true);

    private static string Cell(BehaviourRow row, Variant column)
    {
        if (row.Variants is Variant.Rest or Variant.Lrs)
        {
            var name = row.Variants.ToString().ToUpperInvariant();
            return column is Variant.SotwAds ? $"{name}: {Mark(row, row.Variants)}" : "n/a";
        }
        return row.Variants.HasFlag(column) ? Mark(row, column) : "n/a";
    }

    private static string Mark(BehaviourRow row, Variant variant) => ConformanceRun.Find(row.Number, variant) switch
    {
        true => "yes",
        false => "**FAILS**",
        null => "not run",
    };

    private static void AppendPeers(StringBuilder text)
    {
        text.Append("\n## Independent clients\n\n| client | result |\n|---|---|\n");
        foreach (var (what, passed) in ConformanceRun.Peers.OrderBy(static p => p.Key, StringComparer.Ordinal))
            text.Append($"| {what} | {(passed ? "yes" : "**FAILS**")} |\n");
    }
}
