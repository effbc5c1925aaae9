using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace SelfHeal.Core.Recording;

/// <summary>
/// The rare parts of a recording, as JSON: a property that is added to one of the types is recorded without a line
/// here, and an older recording that lacks it reads as its default.
/// </summary>
internal static class RecordingJson
{
    private static readonly JsonSerializerOptions Options = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.SnakeCaseLower) },
        RespectNullableAnnotations = true,
        IgnoreReadOnlyProperties = true,
        RespectRequiredConstructorParameters = true,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Skip, // A newer version's recording must be readable.
    };

    /// <summary>Writes a value.</summary>
    /// <typeparam name="T">A type of constructor parameters and settable properties.</typeparam>
    /// <param name="value">The value.</param>
    public static byte[] Write<T>(T value) => JsonSerializer.SerializeToUtf8Bytes(value, Options);

    /// <summary>Reads a value.</summary>
    /// <typeparam name="T">As it was written.</typeparam>
    /// <param name="json">The bytes.</param>
    /// <param name="value">The value.</param>
    /// <returns>False where the bytes are not such a value.</returns>
    public static bool TryRead<T>(ReadOnlySpan<byte> json, [NotNullWhen(true)] out T? value)
    {
        try
        {
            value = JsonSerializer.Deserialize<T>(json, Options);
            return value is not null;
        }
        catch (Exception error) when (error is not OutOfMemoryException)
        {
            // Beside what the reader throws: constructors of records that do not expect what cannot be.
            value = default;
            return false;
        }
    }
}
