using System.Collections.Immutable;
using System.Text;
using SelfHeal.Sidecar.Config;
using SelfHeal.Sidecar.Config.Loading;

namespace SelfHeal.UnitTests.Sidecar.Config;

/// <summary>Writes docs/configuration.md from the options classes and their doc comments.</summary>
internal sealed class ConfigurationDocument
{
    private const string Introduction = """
        # Configuration

        <!-- Generated from the options classes by a test; rewrite it with SELFHEAL_UPDATE_GOLDEN=1 make test. -->

        One YAML file, given to `selfheal serve --config FILE`. `selfheal check --config FILE` says everything that is
        wrong with it, each thing with line and column. The smallest file that works:

        ```yaml
        xds:
          resources: ./envoy    # a directory of Envoy v3 resources, YAML or JSON
        ```

        An unknown key is an error, so a slip of the pen cannot turn a setting off. A key that is left out has its
        default. Durations are whole numbers with a unit: `250ms`, `5s`, `10m`, `1h`, `1h30m`. Addresses are
        `127.0.0.1:18000`, `[::1]:18000` or `unix:/path`; host names are refused. Relative paths start at the directory
        of the file. Editors that know JSON Schema complete and check the file with this first line:

        ```yaml
        # yaml-language-server: $schema=selfheal.schema.json
        ```

        """;

    private readonly XmlDocumentation _documentation = new(typeof(SelfHealOptions).Assembly);
    private readonly StringBuilder _text = new();

    public static string Write()
    {
        var document = new ConfigurationDocument();
        document._text.Append(Introduction);
        document.WriteSection(typeof(SelfHealOptions), "", "The whole file.");
        return document._text.ToString();
    }

    /// <summary>What a key means, without the facts that stand in columns of their own.</summary>
    public static string MeaningOf(string summary, OptionField field)
    {
        foreach (var fact in Facts(field))
            summary = summary.Replace(fact, "", StringComparison.Ordinal).Trim();
        return summary.Replace("  ", " ", StringComparison.Ordinal);
    }

    /// <summary>What the doc comment of an option must say, word for word.</summary>
    public static IEnumerable<string> Facts(OptionField field)
    {
        if (field.IsRequired)
            yield return "Required.";
        else if (field.Kind != OptionKind.Section || field.IsNullable)
            yield return $"Default: {DefaultOf(field)}.";
        if (field.Limits is { } limits)
            yield return $"Limits: {limits.Minimum} to {limits.Maximum}.";
    }

    private static string DefaultOf(OptionField field) => field.Kind switch
    {
        OptionKind.List when field.Default is ImmutableArray<string> { IsDefaultOrEmpty: false } items =>
            $"[{string.Join(", ", items)}]",
        OptionKind.List or OptionKind.SectionList => "[]",
        OptionKind.NamedSections or OptionKind.NamedScalars => "{}",
        _ => field.Default switch
        {
            null => "null",
            "" => "empty",
            { } value => ScalarFormat.Write(value),
        },
    };

    private void WriteSection(Type type, string path, string meaning)
    {
        _text.Append($"\n## {(path.Length == 0 ? "Top level" : $"`{path}`")}\n\n{meaning}\n\n");
        _text.Append("| key | value | default | limits | meaning |\n|---|---|---|---|---|\n");
        var fields = OptionField.Of(type);
        foreach (var field in fields)
        {
            var summary = MeaningOf(_documentation.SummaryOf(field.Property), field);
            _text.Append($"| `{field.Key}` | {ValueOf(field)} | {Column(field)} | {LimitsOf(field)} | {summary} |\n");
        }

        foreach (var field in fields.Where(field => field.Scalar is null))
        {
            var name = field.Kind switch
            {
                OptionKind.NamedSections => $"{field.Key}.NAME",
                OptionKind.SectionList => $"{field.Key}[]",
                _ => field.Key,
            };
            var child = path.Length == 0 ? name : $"{path}.{name}";
            WriteSection(field.ElementType, child, _documentation.SummaryOf(field.ElementType));
        }
    }

    private static string Column(OptionField field) =>
        field.IsRequired ? "**required**"
        : field is { Kind: OptionKind.Section, IsNullable: false } ? ""
        : $"`{DefaultOf(field)}`";

    private static string LimitsOf(OptionField field) =>
        field.Limits is { } limits ? $"`{limits.Minimum}` to `{limits.Maximum}`" : "";

    private static string ValueOf(OptionField field) => field.Kind switch
    {
        OptionKind.Section => "section",
        OptionKind.NamedSections => "sections by name",
        OptionKind.List => field.IsFilePath ? "list of paths" : "list of text",
        OptionKind.SectionList => "list of sections",
        OptionKind.NamedScalars => "text by name",
        _ => field.Scalar?.Kind switch
        {
            ScalarKind.Text => field.IsFilePath ? "path" : "text",
            ScalarKind.Boolean => "`true`, `false`",
            ScalarKind.Integer => "whole number",
            ScalarKind.Number => "number",
            ScalarKind.Duration => "duration",
            ScalarKind.Address => "address",
            ScalarKind.Word => string.Join(", ", field.Scalar.Words.Select(word => $"`{word}`")),
            _ => throw new InvalidOperationException($"{field.Key} has an unknown kind"),
        },
    };
}
