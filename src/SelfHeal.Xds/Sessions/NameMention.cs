namespace SelfHeal.Xds.Sessions;

/// <summary>Whether a client's error text names a resource. A hint only: what follows from it is tried.</summary>
internal static class NameMention
{
    private const string Connectors = "-._/|:@";

    /// <summary>Whether the name stands in the text as a whole word, so that <c>svc-1</c> is not in
    /// <c>svc-10</c>.</summary>
    public static bool IsIn(string text, string name)
    {
        if (name.Length == 0)
            return false;
        for (var at = 0; (at = text.IndexOf(name, at, StringComparison.Ordinal)) >= 0; at++)
        {
            if (IsEdge(text, at - 1, -1) && IsEdge(text, at + name.Length, 1))
                return true;
        }
        return false;
    }

    /// <summary>A full stop or colon ends a word unless the word goes on behind it.</summary>
    private static bool IsEdge(string text, int place, int direction)
    {
        if (!IsWithin(text, place))
            return true;
        if (char.IsLetterOrDigit(text[place]))
            return false;
        var beyond = place + direction;
        return !Connectors.Contains(text[place], StringComparison.Ordinal) || !IsWithin(text, beyond)
            || !(char.IsLetterOrDigit(text[beyond]) || Connectors.Contains(text[beyond], StringComparison.Ordinal));
    }

    private static bool IsWithin(string text, int place) => place >= 0 && place < text.Length;
}
