using System.Globalization;
using System.Text;

namespace SelfHeal.Core.Records;

/// <summary>The values that hold no others: both writers spell them alike.</summary>
internal static class JsonScalar
{
    /// <summary>Appends a value that holds no others.</summary>
    /// <param name="output">Where to.</param>
    /// <param name="value">Neither object nor array.</param>
    public static void Append(StringBuilder output, JsonValue value)
    {
        switch (value)
        {
            case JsonText text:
                AppendText(output, text.Value);
                break;
            case JsonInteger integer:
                output.Append(integer.Value.ToString(CultureInfo.InvariantCulture));
                break;
            case JsonBool { Value: var isTrue }:
                output.Append(isTrue ? "true" : "false");
                break;
            default:
                Invariant.Assert(value is JsonNull, "a value is one of the cases of JsonValue");
                output.Append("null");
                break;
        }
    }

    /// <summary>
    /// Appends a string with quotes. Only what must be escaped is, in the shortest way (RFC 8785, 3.2.2.2).
    /// </summary>
    /// <param name="output">Where to.</param>
    /// <param name="text">Valid Unicode.</param>
    public static void AppendText(StringBuilder output, string text)
    {
        output.Append('"');
        foreach (var character in text)
        {
            _ = character switch
            {
                '"' => output.Append("\\\""),
                '\\' => output.Append("\\\\"),
                '\b' => output.Append("\\b"),
                '\t' => output.Append("\\t"),
                '\n' => output.Append("\\n"),
                '\f' => output.Append("\\f"),
                '\r' => output.Append("\\r"),
                < ' ' => output.Append("\\u").Append(((int)character).ToString("x4", CultureInfo.InvariantCulture)),
                _ => output.Append(character),
            };
        }

        output.Append('"');
    }
}
