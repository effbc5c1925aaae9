namespace SelfHeal.Core;

/// <summary>Finds what a mistyped word was probably meant to be.</summary>
public static class NearestWord
{
    /// <summary>The known word fewest edits away, if it is near enough to be a slip; null otherwise.</summary>
    /// <param name="word">As the user wrote it.</param>
    /// <param name="known">What would have been understood; ties go to the first.</param>
    public static string? Find(string word, IEnumerable<string> known)
    {
        ArgumentNullException.ThrowIfNull(word);
        ArgumentNullException.ThrowIfNull(known);
        string? nearest = null;
        // One slip in three letters; a short word allows one, so that "x" does not suggest every two-letter key.
        var allowed = Math.Max(1, word.Length / 3);
        var normalised = Normalise(word);
        foreach (var candidate in known)
        {
            var distance = Distance(normalised, Normalise(candidate));
            if (distance > allowed || (nearest is not null && distance == allowed))
                continue;
            nearest = candidate;
            allowed = distance;
        }

        return nearest;
    }

    // maxStreams and max-streams are meant to be max_streams: case and separators cost nothing.
    private static string Normalise(string word) =>
        word.Replace("_", "", StringComparison.Ordinal).Replace("-", "", StringComparison.Ordinal).ToLowerInvariant();

    // Optimal string alignment: insertions, deletions, substitutions and swaps of neighbours each cost one.
    private static int Distance(string left, string right)
    {
        var beforeLast = new int[right.Length + 1];
        var last = new int[right.Length + 1];
        var current = new int[right.Length + 1];
        for (var column = 0; column <= right.Length; column++)
            last[column] = column;
        for (var row = 1; row <= left.Length; row++)
        {
            current[0] = row;
            for (var column = 1; column <= right.Length; column++)
            {
                var substitution = last[column - 1] + (left[row - 1] == right[column - 1] ? 0 : 1);
                var best = Math.Min(substitution, Math.Min(last[column], current[column - 1]) + 1);
                if (row > 1 && column > 1 && left[row - 1] == right[column - 2] && left[row - 2] == right[column - 1])
                    best = Math.Min(best, beforeLast[column - 2] + 1);
                current[column] = best;
            }

            (beforeLast, last, current) = (last, current, beforeLast);
        }

        return last[right.Length];
    }
}
