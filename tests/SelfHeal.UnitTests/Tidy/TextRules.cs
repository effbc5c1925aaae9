using System.Text.RegularExpressions;

namespace SelfHeal.UnitTests.Tidy;

/// <summary>The rules on text, each from a file to its findings.</summary>
internal static partial class TextRules
{
    public const int MaxColumns = 120;
    public const int MaxMethodLines = 70;
    public const int MaxFileLines = 500;

    // Written in two parts, so that this file does not break the rules that it states.
    private const string ToDo = "TO" + "DO|FIX" + "ME|HA" + "CK";
    private const string MachinePaths = "/wo" + "rk/|/ro" + "ot/|/ho" + "me/|/Us" + "ers/";
    private const string Registries =
        "registry\\.npm" + "js\\.org|api\\.nu" + "get\\.org|registry\\.yarn" + "pkg\\.com|proxy\\.gol" + "ang\\.org"
        + "|artif" + "actory|jfr" + "og|\"reso" + "lved\":";

    public static IEnumerable<string> LongLines(SourceText file) =>
        from line in file.Lines
        where line.Line.Length > MaxColumns
        select file.At(line.Number, $"{line.Line.Length} columns; at most {MaxColumns}");

    public static IEnumerable<string> Tabs(SourceText file) =>
        from line in file.Lines
        where line.Line.Contains('\t', StringComparison.Ordinal)
        select file.At(line.Number, "a tab; indent with spaces");

    public static IEnumerable<string> Regions(SourceText file) =>
        from line in file.Lines
        where line.Line.TrimStart().StartsWith("#region", StringComparison.Ordinal)
        select file.At(line.Number, "#region; split the file instead");

    public static IEnumerable<string> ToDosWithoutIssue(SourceText file) =>
        from line in file.Lines
        where ToDoWithoutIssue().IsMatch(line.Line)
        select file.At(line.Number, "an open end without the number of its issue: (#123)");

    public static IEnumerable<string> LongMethods(SourceText file) =>
        from member in CodeShape.Of(file.Text).Members
        where member.Length > MaxMethodLines
        select file.At(member.Line, $"{member.Name} has {member.Length} lines; at most {MaxMethodLines}");

    public static IEnumerable<string> LongFile(SourceText file) =>
        file.Text.TrimEnd().Count(character => character is '\n') + 1 is var count && count > MaxFileLines
            ? [file.At(count, $"the file has {count} lines; at most {MaxFileLines}")]
            : [];

    /// <summary>One public type, or one abstract type with nothing but its cases.</summary>
    public static IEnumerable<string> ManyPublicTypes(SourceText file)
    {
        var types = CodeShape.Of(file.Text).PublicTypes;
        var isHierarchy = types.Any(root => root.Header.Contains("abstract", StringComparison.Ordinal)
            && types.Where(type => type != root).All(type => IsCaseOf(root.Name, type.Header)));
        return types.Count > 1 && !isHierarchy
            ? [file.At(1, $"several public types: {string.Join(", ", types.Select(type => type.Name))}")]
            : [];
    }

    public static IEnumerable<string> MachinePathsAndRegistries(SourceText file) =>
        from line in file.Lines
        where MachinePath().IsMatch(line.Line)
        select file.At(line.Number, "names a path of one machine, or a package registry");

    /// <summary>Names in backticks that look like types or members, and that the project does not have.</summary>
    public static IEnumerable<string> UnknownNames(SourceText readme, IReadOnlySet<string> known) =>
        from line in readme.Lines
        from Match match in BacktickedName().Matches(line.Line)
        let name = match.Groups["name"].Value
        where !known.Contains(name)
        select readme.At(line.Number, $"speaks of `{name}`, which is not in the compiled project");

    private static bool IsCaseOf(string root, string header) =>
        Regex.IsMatch(header, $@":\s*{root}\b", RegexOptions.None, TimeSpan.FromSeconds(1));

    [GeneratedRegex($@"\b({ToDo})\b(?!\s*\(#\d+\))", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex ToDoWithoutIssue();

    [GeneratedRegex($@"(?<![\w.}})*])({MachinePaths})|{Registries}",
        RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex MachinePath();

    [GeneratedRegex("`(?<name>[A-Z][A-Za-z0-9]*[a-z][A-Za-z0-9]*)`",
        RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex BacktickedName();
}
