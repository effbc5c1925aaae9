namespace SelfHeal.Xds.Snapshots;

/// <summary>
/// Which words in a cluster's name say a version. Where no weights declare that two clusters are versions of one
/// service, nothing but such a word may.
/// </summary>
internal static class VersionWord
{
    // The words of the progressive delivery tools: Argo Rollouts (stable, canary, preview), Flagger (primary, canary),
    // Spinnaker (baseline, canary), and blue-green deployments.
    private static readonly HashSet<string> Roles = new(StringComparer.Ordinal)
    {
        "baseline", "blue", "canary", "green", "preview", "primary", "stable",
    };

    /// <summary><c>v2</c>, <c>v2-eu</c>, <c>V10</c>.</summary>
    public static bool StartsWithNumber(string text) =>
        text.Length > 1 && text[0] is 'v' or 'V' && char.IsAsciiDigit(text[1]);

    /// <summary>Cuts a name at its first version: <c>pay-v2-eu</c> into <c>pay</c>, <c>v2</c> and <c>-eu</c>.</summary>
    /// <returns>Null for a name without a version, or with nothing before it.</returns>
    public static (string Stem, string Version, string Tail)? Cut(string name)
    {
        for (var start = 1; start < name.Length; start++)
        {
            if (name[start - 1] is not ('-' or '_'))
                continue;
            var end = name.AsSpan(start).IndexOfAny('-', '_');
            var word = end < 0 ? name[start..] : name.Substring(start, end);
            if (start > 1 && (StartsWithNumber(word) || Roles.Contains(word)))
                return (name[..(start - 1)], word, name[(start + word.Length)..]);
        }

        return null;
    }
}
