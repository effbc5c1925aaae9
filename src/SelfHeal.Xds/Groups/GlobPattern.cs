namespace SelfHeal.Xds.Groups;

/// <summary>A text in which <c>*</c> stands for any run of characters, also for none; all else is compared ordinally.
/// </summary>
public sealed class GlobPattern
{
    private readonly string _pattern;

    /// <param name="pattern">Such as <c>edge-*</c>; without a star only the very same text matches.</param>
    public GlobPattern(string pattern)
    {
        ArgumentNullException.ThrowIfNull(pattern);
        _pattern = pattern;
    }

    /// <summary>Whether the whole text matches.</summary>
    /// <param name="text">Any text a client sent: the time is bounded by the product of both lengths.</param>
    public bool Matches(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var (at, place) = (0, 0);
        var (star, starPlace) = (-1, 0);
        while (place < text.Length)
        {
            if (at < _pattern.Length && _pattern[at] == '*')
            {
                // The star takes nothing at first, and one character more whenever what follows does not fit.
                (star, starPlace) = (at++, place);
            }
            else if (at < _pattern.Length && _pattern[at] == text[place])
            {
                at++;
                place++;
            }
            else if (star >= 0)
            {
                at = star + 1;
                place = ++starPlace;
            }
            else
                return false;
        }

        while (at < _pattern.Length && _pattern[at] == '*')
            at++;
        return at == _pattern.Length;
    }

    /// <inheritdoc/>
    public override string ToString() => _pattern;
}
