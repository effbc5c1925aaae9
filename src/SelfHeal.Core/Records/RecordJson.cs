using System.Text.Json;
using System.Text.Json.Serialization;

namespace SelfHeal.Core.Records;

/// <summary>The ledger's form of a record: RFC 8785 canonical JSON, names and cases in snake_case.</summary>
public static class RecordJson
{
    private static readonly JsonSerializerOptions Options = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Skip, // A newer version's entry must still be readable.
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.SnakeCaseLower) },
    };

    /// <summary>The canonical bytes of a record: what the ledger hashes.</summary>
    /// <param name="record">The record.</param>
    public static byte[] Write(LedgerRecord record)
    {
        var bytes = JsonSerializer.SerializeToUtf8Bytes(record, Options);
        var read = JsonReading.TryRead(bytes, out var value, out var problem);
        Invariant.Assert(read, $"a record holds integers, strings and booleans only: {problem}");
        return CanonicalJson.Write(value!); // Read.
    }

    /// <summary>Reads a record back.</summary>
    /// <param name="canonical">What <see cref="Write"/> wrote.</param>
    /// <exception cref="FormatException">The bytes are not a record of a known schema.</exception>
    public static LedgerRecord Read(ReadOnlySpan<byte> canonical)
    {
        try
        {
            var record = JsonSerializer.Deserialize<LedgerRecord>(canonical, Options)
                ?? throw new FormatException("a ledger entry is `null`, expected a record object");
            return record.Schema == LedgerRecord.CurrentSchema
                ? record
                : throw new FormatException(
                    $"a ledger entry has schema `{record.Schema}`, expected `{LedgerRecord.CurrentSchema}`");
        }
        catch (JsonException error)
        {
            throw new FormatException($"a ledger entry is not a record: {error.Message}", error);
        }
    }
}
