using System.Diagnostics.CodeAnalysis;

namespace SelfHeal.Sidecar.Security;

/// <summary>
/// A pattern over names of clients: <c>*</c> is any run of characters without <c>/</c>, <c>**</c> any run at all, and
/// <c>{word}</c> one or more characters up to the one that follows it in the pattern, remembered under that word.
/// Everything else stands for itself, case included.
/// </summary>
internal sealed class IdentityPattern
{
    /// <summary>What a user may write, for messages.</summary>
    public const string Expected =
        "text with *, ** and {word}, such as spiffe://cluster.local/ns/{namespace}/sa/*";

    // Matching tries every length of each star: with at most three on names of at most 2,048 characters it stays in
    // the milliseconds even for a name made to be slow.
    private const int StarsMax = 3;

    /// <summary>Longer names match nothing: a SPIFFE id has at most 2,048 bytes (SPIFFE-ID, section 2.3).</summary>
    private const int NameLengthMax = 2048;

    private readonly Part[] _parts;

    private IdentityPattern(string text, Part[] parts)
    {
        Text = text;
        _parts = parts;
    }

    private enum PartKind
    {
        Literal,
        Star,
        DoubleStar,
        Capture,
    }

    /// <summary>As the user wrote it.</summary>
    public string Text { get; }

    /// <summary>The words that it remembers.</summary>
    public IEnumerable<string> Words => _parts.Where(static p => p.Kind == PartKind.Capture).Select(static p => p.Text);

    /// <summary>Reads a pattern.</summary>
    /// <param name="text">As the user wrote it.</param>
    /// <param name="pattern">The pattern, when the text is one.</param>
    /// <param name="problem">What is wrong with it; empty when nothing is.</param>
    public static bool TryParse(
        string text, [NotNullWhen(true)] out IdentityPattern? pattern, out string problem)
    {
        ArgumentNullException.ThrowIfNull(text);
        pattern = null;
        if (text.Length == 0)
        {
            problem = $"is empty; expected {Expected}";
            return false;
        }

        var parts = new List<Part>();
        problem = Split(text, parts);
        if (problem.Length > 0)
            return false;
        pattern = new IdentityPattern(text, [.. parts]);
        return true;
    }

    /// <summary>Whether a name matches.</summary>
    /// <param name="name">Of a client.</param>
    /// <param name="words">
    /// What words stand for already: a pattern that names one of them matches only that text. What it remembers itself
    /// is added when it matches.
    /// </param>
    public bool IsMatch(string name, Dictionary<string, string> words)
    {
        ArgumentNullException.ThrowIfNull(name);
        ArgumentNullException.ThrowIfNull(words);
        return name.Length <= NameLengthMax && Match(0, name, words);
    }

    /// <inheritdoc/>
    public override string ToString() => Text;

    /// <returns>What is wrong with it; empty when nothing is.</returns>
    private static string Split(string text, List<Part> parts)
    {
        var stars = 0;
        var position = 0;
        while (position < text.Length)
        {
            var start = position;
            switch (text[position])
            {
                case '*':
                    position += text.AsSpan(position).StartsWith("**") ? 2 : 1;
                    parts.Add(new Part(position - start == 2 ? PartKind.DoubleStar : PartKind.Star, ""));
                    stars++;
                    break;
                case '{':
                    var end = text.IndexOf('}', position);
                    var word = end < 0 ? "" : text[(position + 1)..end];
                    if (word.Length == 0 || !word.All(static c => char.IsAsciiLetterOrDigit(c) || c == '_'))
                        return $"'{text}' has a brace without a word; expected {Expected}";
                    if (parts.Exists(p => p.Kind == PartKind.Capture && p.Text == word))
                        return $"'{text}' has {{{word}}} twice";
                    parts.Add(new Part(PartKind.Capture, word));
                    position = end + 1;
                    break;
                default:
                    position = text.AsSpan(start).IndexOfAny('*', '{') is >= 0 and var next
                        ? start + next
                        : text.Length;
                    parts.Add(new Part(PartKind.Literal, text[start..position]));
                    break;
            }

            if (parts is [.., { Kind: not PartKind.Literal }, { Kind: not PartKind.Literal }])
                return $"'{text}' has two wildcards side by side: nobody could say where one ends";
        }

        return stars > StarsMax ? $"'{text}' has {stars} stars; expected at most {StarsMax}" : "";
    }

    private bool Match(int index, ReadOnlySpan<char> rest, Dictionary<string, string> words)
    {
        if (index == _parts.Length)
            return rest.IsEmpty;
        var part = _parts[index];
        switch (part.Kind)
        {
            case PartKind.Literal:
                return rest.StartsWith(part.Text, StringComparison.Ordinal)
                    && Match(index + 1, rest[part.Text.Length..], words);
            case PartKind.Capture:
                return MatchCapture(index, rest, words);
            default:
                var reach = part.Kind == PartKind.DoubleStar || rest.IndexOf('/') < 0 ? rest.Length : rest.IndexOf('/');
                for (var length = 0; length <= reach; length++)
                {
                    if (Match(index + 1, rest[length..], words))
                        return true;
                }

                return false;
        }
    }

    private bool MatchCapture(int index, ReadOnlySpan<char> rest, Dictionary<string, string> words)
    {
        var word = _parts[index].Text;
        if (words.TryGetValue(word, out var bound))
            return rest.StartsWith(bound, StringComparison.Ordinal) && Match(index + 1, rest[bound.Length..], words);

        // A literal follows, or nothing does: the word ends at the first character of that, so there is one reading.
        var end = index + 1 < _parts.Length
            ? rest.IndexOf(_parts[index + 1].Text[0])
            : rest.IndexOf('/') is >= 0 and var slash ? slash : rest.Length;
        if (end < 1 || rest[..end].Contains('/'))
            return false;
        words.Add(word, rest[..end].ToString());
        if (Match(index + 1, rest[end..], words))
            return true;
        words.Remove(word);
        return false;
    }

    private readonly record struct Part(PartKind Kind, string Text);
}
