namespace SelfHeal.UnitTests.Tidy;

/// <summary>
/// C# with its comments, strings and characters blanked out, so that braces and words mean what they say.
/// </summary>
internal sealed class CodeText
{
    private readonly string _text;
    private readonly char[] _code;
    private int _place;

    private CodeText(string text)
    {
        _text = text;
        _code = text.ToCharArray();
    }

    private char Next => Peek(0);

    /// <summary>The same text, place for place and line for line, with blanks for what is not code.</summary>
    public static string Blank(string text)
    {
        var code = new CodeText(text);
        code.SkipCode(isHole: false);
        return new string(code._code);
    }

    /// <summary>Walks over code; in the hole of an interpolated string up to the brace that closes it.</summary>
    private void SkipCode(bool isHole)
    {
        var depth = 0;
        while (_place < _text.Length)
        {
            if (StartsWith("//"))
                BlankUntil("\n", isEndKept: true);
            else if (StartsWith("/*"))
                BlankUntil("*/", isEndKept: false);
            else if (Next is '\'')
                BlankQuoted('\'', isVerbatim: false, isInterpolated: false);
            else if (Next is '"' or '$' or '@' && StringPrefix() is var (prefix, quotes) && quotes > 0)
                BlankString(prefix, quotes);
            else if (isHole && Next is '}' && depth is 0)
                return;
            else
                depth += _code[_place++] switch { '{' => 1, '}' => -1, _ => 0 };
        }
    }

    private void BlankString(string prefix, int quotes)
    {
        Blank(prefix.Length);
        var isInterpolated = prefix.Contains('$', StringComparison.Ordinal);
        if (quotes >= 3)
        {
            Blank(quotes);
            BlankUntil(new string('"', quotes), isEndKept: false);
        }
        else
        {
            BlankQuoted('"', prefix.Contains('@', StringComparison.Ordinal), isInterpolated);
        }
    }

    private void BlankQuoted(char quote, bool isVerbatim, bool isInterpolated)
    {
        Blank(1);
        while (_place < _text.Length)
        {
            if ((!isVerbatim && Next is '\\') || (isVerbatim && Next == quote && Peek(1) == quote))
                Blank(2);
            else if (isInterpolated && Next is '{' or '}' && Peek(1) == Next)
                Blank(2);
            else if (isInterpolated && Next is '{')
                BlankHole();
            else if (Next == quote)
                break;
            else
                Blank(1);
        }

        Blank(1);
    }

    /// <summary>The code of a hole is code, but its braces are the string's, and a format may hold anything.</summary>
    private void BlankHole()
    {
        Blank(1);
        SkipCode(isHole: true);
        Blank(1);
    }

    /// <summary>
    /// The dollars and ats before a string, and its quotes: three or more for a raw one, none for no string.
    /// </summary>
    private (string Prefix, int Quotes) StringPrefix()
    {
        var end = _place;
        while (end < _text.Length && _text[end] is '$' or '@')
            end++;
        var quotes = 0;
        while (end + quotes < _text.Length && _text[end + quotes] is '"')
            quotes++;
        var prefix = _text[_place..end];

        // Two quotes are the empty string; after an at they are quotes within the string, however many.
        var isOne = quotes is 2 || (quotes > 0 && prefix.Contains('@', StringComparison.Ordinal));
        return (prefix, isOne ? 1 : quotes);
    }

    private void BlankUntil(string end, bool isEndKept)
    {
        var found = _text.IndexOf(end, _place, StringComparison.Ordinal);
        var stop = found < 0 ? _text.Length : found + (isEndKept ? 0 : end.Length);
        Blank(stop - _place);
    }

    private void Blank(int count)
    {
        for (var stop = Math.Min(_place + count, _text.Length); _place < stop; _place++)
        {
            if (_text[_place] is not '\n')
                _code[_place] = ' ';
        }
    }

    private char Peek(int offset) => _place + offset < _text.Length ? _text[_place + offset] : '\0';

    private bool StartsWith(string start) => string.CompareOrdinal(_text, _place, start, 0, start.Length) is 0;
}
