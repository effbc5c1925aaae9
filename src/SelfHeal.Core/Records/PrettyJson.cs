using System.Text;

namespace SelfHeal.Core.Records;

/// <summary>
/// The same values for people: indented by two spaces, members in the order in which they were given.
/// </summary>
public static class PrettyJson
{
    private const int Indent = 2;

    /// <summary>The indented text, without a line end at its end.</summary>
    /// <param name="value">Any value.</param>
    public static string Write(JsonValue value)
    {
        ArgumentNullException.ThrowIfNull(value);
        var output = new StringBuilder();
        Append(output, value, level: 0);
        return output.ToString();
    }

    private static void Append(StringBuilder output, JsonValue value, int level)
    {
        switch (value)
        {
            case JsonObject { Members: [_, ..] members }:
                AppendLines(output, members, level, '{', '}', (member, inner) =>
                {
                    JsonScalar.AppendText(output, member.Name);
                    output.Append(": ");
                    Append(output, member.Value, inner);
                });
                break;
            case JsonArray { Items: [_, ..] items }:
                AppendLines(output, items, level, '[', ']', (item, inner) => Append(output, item, inner));
                break;
            case JsonObject:
                output.Append("{}");
                break;
            case JsonArray:
                output.Append("[]");
                break;
            default:
                JsonScalar.Append(output, value);
                break;
        }
    }

    private static void AppendLines<T>(
        StringBuilder output, IEnumerable<T> parts, int level, char open, char close, Action<T, int> appendPart)
    {
        output.Append(open);
        var separator = "\n";
        foreach (var part in parts)
        {
            output.Append(separator).Append(' ', (level + 1) * Indent);
            appendPart(part, level + 1);
            separator = ",\n";
        }

        output.Append('\n').Append(' ', level * Indent).Append(close);
    }
}
