using System.Text.RegularExpressions;

namespace SelfHeal.UnitTests.Tidy;

/// <summary>
/// Types and members of a C# file by their braces. There is no compiler here: headers are told by their words.
/// </summary>
internal sealed partial class CodeShape
{
    private readonly List<(string Name, int Line, int Length)> _members = [];
    private readonly List<(string Name, string Header)> _types = [];

    private CodeShape()
    {
    }

    private enum Block
    {
        Namespace,
        Type,
        Member,
        Inner,
    }

    /// <summary>Members with a body in braces, with their first line and number of lines.</summary>
    public IReadOnlyList<(string Name, int Line, int Length)> Members => _members;

    /// <summary>Public types that are not nested, with their headers.</summary>
    public IReadOnlyList<(string Name, string Header)> PublicTypes => _types;

    public static CodeShape Of(string text)
    {
        var shape = new CodeShape();
        shape.Scan(CodeText.Blank(text));
        return shape;
    }

    private void Scan(string code)
    {
        var open = new Stack<(Block Kind, string Header, int Line)>();
        var (start, line, headerLine) = (0, 1, 1);
        for (var place = 0; place < code.Length; place++)
        {
            if (code[place] is '\n')
                line++;
            if (place == start && char.IsWhiteSpace(code[place]))
            {
                (start, headerLine) = (place + 1, line);
                continue;
            }

            if (code[place] is not ('{' or '}' or ';'))
                continue;
            var header = code[start..place].Trim();
            if (code[place] is '{')
                open.Push((Kind(header, open), header, headerLine));
            if (code[place] is not '}' && IsInNamespace(open, isOpening: code[place] is '{'))
                AddType(header);
            if (code[place] is ';' && open.TryPeek(out var around) && around.Kind is Block.Type)
                AddMember(header, headerLine, line);
            if (code[place] is '}' && open.TryPop(out var closed) && closed.Kind is Block.Member)
                AddMember(closed.Header, closed.Line, line);
            (start, headerLine) = (place + 1, line);
        }
    }

    private static Block Kind(string header, Stack<(Block Kind, string Header, int Line)> open)
    {
        if (NamespaceHeader().IsMatch(header))
            return Block.Namespace;
        if (open.TryPeek(out var around) && around.Kind is Block.Member or Block.Inner)
            return Block.Inner;
        if (TypeHeader().IsMatch(header))
            return Block.Type;
        return Initializer().IsMatch(header) ? Block.Inner : Block.Member;
    }

    /// <summary>Whether the header that just ended stands at the top or directly in a namespace.</summary>
    private static bool IsInNamespace(Stack<(Block Kind, string Header, int Line)> open, bool isOpening) =>
        open.Skip(isOpening ? 1 : 0).All(block => block.Kind is Block.Namespace);

    /// <summary>A table in an initializer may be long; a method may not.</summary>
    private void AddMember(string header, int firstLine, int lastLine)
    {
        if (header.Length > 0 && !Initializer().IsMatch(header))
            _members.Add((header.Split('\n')[0], firstLine, lastLine - firstLine + 1));
    }

    private void AddType(string header)
    {
        if (TypeHeader().Match(header) is { Success: true } match && PublicWord().IsMatch(header[..match.Index]))
            _types.Add((match.Groups["name"].Value, header));
    }

    [GeneratedRegex(@"\bnamespace\s", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex NamespaceHeader();

    [GeneratedRegex(
        @"\b(record\s+struct|record\s+class|class|struct|record|interface|enum|delegate\s+[\w<>\[\]?.]+)"
            + @"\s+(?<name>[A-Z]\w*)",
        RegexOptions.ExplicitCapture,
        matchTimeoutMilliseconds: 1000)]
    private static partial Regex TypeHeader();

    [GeneratedRegex(@"\bpublic\b", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex PublicWord();

    [GeneratedRegex(@"^[^(]*(?<![=!<>])=(?![=>])", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Initializer();
}
