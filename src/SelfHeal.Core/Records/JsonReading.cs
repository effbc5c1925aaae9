using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.Text.Json;

namespace SelfHeal.Core.Records;

/// <summary>
/// JSON text to values, as far as values of ours can say it: no fractions, no name twice, a bounded depth.
/// </summary>
internal static class JsonReading
{
    private static readonly JsonReaderOptions Options = new() { MaxDepth = JsonValue.MaxDepth };

    /// <summary>Reads one value that takes up all of the bytes.</summary>
    /// <param name="bytes">UTF-8.</param>
    /// <param name="value">The value; null when refused.</param>
    /// <param name="problem">What is wrong; null when read.</param>
    public static bool TryRead(
        ReadOnlySpan<byte> bytes,
        [NotNullWhen(true)] out JsonValue? value,
        [NotNullWhen(false)] out string? problem)
    {
        var reader = new Utf8JsonReader(bytes, Options);
        try
        {
            reader.Read();
            value = ReadValue(ref reader);
            problem = null;
            if (!reader.Read())
                return true;
            problem = "more than one value";
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException or ArgumentException)
        {
            // The reader of the base library and the constructors of our values report a broken text by exceptions.
            problem = exception.Message;
        }

        value = null;
        return false;
    }

    private static JsonValue ReadValue(ref Utf8JsonReader reader) => reader.TokenType switch
    {
        JsonTokenType.StartObject => ReadObject(ref reader),
        JsonTokenType.StartArray => ReadArray(ref reader),
        JsonTokenType.String => new JsonText(ReadText(ref reader)),
        JsonTokenType.Number when reader.TryGetInt64(out var integer) => new JsonInteger(integer),
        JsonTokenType.Number => throw new JsonException($"a number at byte {reader.TokenStartIndex} is not an integer"),
        JsonTokenType.True => new JsonBool(true),
        JsonTokenType.False => new JsonBool(false),
        JsonTokenType.Null => JsonNull.Instance,
        var token => throw new JsonException($"no value but {token} at byte {reader.TokenStartIndex}"),
    };

    private static JsonObject ReadObject(ref Utf8JsonReader reader)
    {
        var members = ImmutableArray.CreateBuilder<JsonMember>();
        while (reader.Read() && reader.TokenType is JsonTokenType.PropertyName)
        {
            var name = ReadText(ref reader);
            reader.Read();
            members.Add(new JsonMember(name, ReadValue(ref reader)));
        }

        return new JsonObject(members.ToImmutable());
    }

    private static JsonArray ReadArray(ref Utf8JsonReader reader)
    {
        var items = ImmutableArray.CreateBuilder<JsonValue>();
        while (reader.Read() && reader.TokenType is not JsonTokenType.EndArray)
            items.Add(ReadValue(ref reader));
        return new JsonArray(items.ToImmutable());
    }

    private static string ReadText(ref Utf8JsonReader reader) =>
        reader.GetString() ?? throw new JsonException("a string cannot be null");
}
