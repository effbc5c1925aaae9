using System.Globalization;
using System.Text;

namespace SelfHeal.Sidecar.Xds.Proxies;

/// <summary>The difference of two texts, line by line, as <c>diff -u</c> writes it (Myers, 1986).</summary>
internal static class UnifiedDiff
{
    private const int Context = 3;

    // The search costs lines times edits. Past these edits the texts have little in common, and one whole text after
    // the other says so more readably.
    private const int EditsMax = 1000;

    /// <summary>Writes the difference.</summary>
    /// <param name="before">One text.</param>
    /// <param name="after">The other.</param>
    /// <param name="beforeName">What the first is called in the heading.</param>
    /// <param name="afterName">What the other is called in the heading.</param>
    /// <returns>Empty if they are equal.</returns>
    public static string Write(string before, string after, string beforeName, string afterName)
    {
        var (old, next) = (Lines(before), Lines(after));
        var steps = Trace(old, next);
        if (steps.TrueForAll(static s => s.Mark == ' '))
            return "";
        var text = new StringBuilder($"--- {beforeName}\n+++ {afterName}\n");
        var at = 0;
        while (at < steps.Count)
        {
            var first = steps.FindIndex(at, static s => s.Mark != ' ');
            if (first < 0)
                break;
            var (from, to) = (Math.Max(at, first - Context), first);
            while (to < steps.Count)
            {
                var change = steps.FindIndex(to, static s => s.Mark != ' ');
                if (change < 0 || change - to > 2 * Context)
                    break;
                to = change + 1;
            }

            var end = Math.Min(steps.Count, to + Context);
            WriteHunk(text, steps, from, end);
            at = end;
        }

        return text.ToString();
    }

    private static string[] Lines(string text)
    {
        var lines = text.Split('\n');
        return lines is [.., ""] ? lines[..^1] : lines;
    }

    private static void WriteHunk(StringBuilder text, List<Step> steps, int from, int to)
    {
        var hunk = steps.GetRange(from, to - from);
        var oldCount = hunk.Count(static s => s.Mark != '+');
        var newCount = hunk.Count(static s => s.Mark != '-');
        var oldStart = steps.Take(from).Count(static s => s.Mark != '+') + (oldCount > 0 ? 1 : 0);
        var newStart = steps.Take(from).Count(static s => s.Mark != '-') + (newCount > 0 ? 1 : 0);
        text.Append(CultureInfo.InvariantCulture, $"@@ -{oldStart},{oldCount} +{newStart},{newCount} @@\n");
        foreach (var step in hunk)
            text.Append(step.Mark).Append(step.Line).Append('\n');
    }

    private static List<Step> Trace(string[] old, string[] next)
    {
        var offset = EditsMax + 1;
        var furthest = new int[(2 * EditsMax) + 3];
        var history = new List<int[]>();
        for (var edits = 0; edits <= Math.Min(EditsMax, old.Length + next.Length); edits++)
        {
            for (var diagonal = -edits; diagonal <= edits; diagonal += 2)
            {
                var down = diagonal == -edits
                    || (diagonal != edits && furthest[offset + diagonal - 1] < furthest[offset + diagonal + 1]);
                var x = down ? furthest[offset + diagonal + 1] : furthest[offset + diagonal - 1] + 1;
                while (x < old.Length && x - diagonal < next.Length && x - diagonal >= 0
                    && old[x] == next[x - diagonal])
                    x++;
                furthest[offset + diagonal] = x;
                if (x < old.Length || x - diagonal < next.Length)
                    continue;
                history.Add(furthest[(offset - edits - 1)..(offset + edits + 2)]);
                return Follow(old, next, history);
            }

            history.Add(furthest[(offset - edits - 1)..(offset + edits + 2)]);
        }

        return [.. old.Select(static l => new Step('-', l)), .. next.Select(static l => new Step('+', l))];
    }

    /// <summary>Goes back from the ends of both texts; <c>history[d]</c> holds diagonals -d-1 to d+1.</summary>
    private static List<Step> Follow(string[] old, string[] next, List<int[]> history)
    {
        var steps = new List<Step>();
        var (x, y) = (old.Length, next.Length);
        for (var edits = history.Count - 1; edits > 0; edits--)
        {
            var before = history[edits - 1];
            var diagonal = x - y;
            var down = diagonal == -edits
                || (diagonal != edits && At(before, edits - 1, diagonal - 1) < At(before, edits - 1, diagonal + 1));
            var fromX = At(before, edits - 1, down ? diagonal + 1 : diagonal - 1);
            var startX = down ? fromX : fromX + 1;
            while (x > startX)
            {
                steps.Add(new Step(' ', old[--x]));
                y--;
            }

            if (down)
                steps.Add(new Step('+', next[--y]));
            else
                steps.Add(new Step('-', old[--x]));
        }

        while (x > 0)
            steps.Add(new Step(' ', old[--x]));
        steps.Reverse();
        return steps;
    }

    private static int At(int[] diagonals, int edits, int diagonal) =>
        diagonal < -edits - 1 || diagonal > edits + 1 ? -1 : diagonals[diagonal + edits + 1];

    private readonly record struct Step(char Mark, string Line);
}
