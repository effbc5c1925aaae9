using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace SelfHeal.Core.Records;

/// <summary>
/// RFC 8785 (JCS): one value has exactly one sequence of bytes, so that a hash of a record means its content. Names are
/// sorted by UTF-16 code units, there is no white space, strings are escaped in one way only.
/// </summary>
public static class CanonicalJson
{
    /// <summary>The canonical UTF-8 bytes.</summary>
    /// <param name="value">Any value.</param>
    public static byte[] Write(JsonValue value)
    {
        ArgumentNullException.ThrowIfNull(value);
        var output = new StringBuilder();
        Append(output, value);
        return Encoding.UTF8.GetBytes(output.ToString());
    }

    /// <summary>
    /// Reads canonical bytes back. Bytes that are JSON but not canonical are refused: they did not come from
    /// <see cref="Write"/>, and a second spelling of one record would have a second hash.
    /// </summary>
    /// <param name="bytes">The whole record.</param>
    /// <param name="value">The value, its names sorted; null when refused.</param>
    /// <param name="problem">What is wrong; null when read.</param>
    public static bool TryRead(
        ReadOnlySpan<byte> bytes,
        [NotNullWhen(true)] out JsonValue? value,
        [NotNullWhen(false)] out string? problem)
    {
        if (!JsonReading.TryRead(bytes, out value, out problem))
            return false;
        var canonical = Write(value);
        if (bytes.SequenceEqual(canonical))
            return true;
        problem = $"not canonical (RFC 8785) from byte {bytes.CommonPrefixLength(canonical)} on";
        value = null;
        return false;
    }

    private static void Append(StringBuilder output, JsonValue value)
    {
        switch (value)
        {
            case JsonObject { Members: var members }:
                AppendMembers(output, members.OrderBy(member => member.Name, StringComparer.Ordinal));
                break;
            case JsonArray { Items: var items }:
                AppendItems(output, items);
                break;
            default:
                JsonScalar.Append(output, value);
                break;
        }
    }

    private static void AppendMembers(StringBuilder output, IEnumerable<JsonMember> members)
    {
        var separator = "{";
        foreach (var member in members)
        {
            output.Append(separator);
            JsonScalar.AppendText(output, member.Name);
            output.Append(':');
            Append(output, member.Value);
            separator = ",";
        }

        output.Append(separator is "{" ? "{}" : "}");
    }

    private static void AppendItems(StringBuilder output, IEnumerable<JsonValue> items)
    {
        var separator = "[";
        foreach (var item in items)
        {
            output.Append(separator);
            Append(output, item);
            separator = ",";
        }

        output.Append(separator is "[" ? "[]" : "]");
    }
}
