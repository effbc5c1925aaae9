using System.Collections;
using SelfHeal.Grpc.Wire;

namespace SelfHeal.Grpc;

/// <summary>
/// Headers or trailers of a call, in the order they were added; a key may occur more than once
/// (PROTOCOL-HTTP2.md, "Custom-Metadata"). Not safe for use by several threads at once.
/// </summary>
public sealed class GrpcMetadata : IReadOnlyList<GrpcMetadataEntry>
{
    private readonly List<GrpcMetadataEntry> _entries = [];

    /// <inheritdoc/>
    public int Count => _entries.Count;

    /// <inheritdoc/>
    public GrpcMetadataEntry this[int index] => _entries[index];

    /// <summary>Adds a text.</summary>
    /// <param name="key">Lower case, not ending in <c>-bin</c>, not one that the protocol keeps for itself.</param>
    /// <param name="value">Printable ASCII.</param>
    /// <exception cref="ArgumentException">The key or the value may not go on the wire.</exception>
    public GrpcMetadata Add(string key, string value)
    {
        ArgumentNullException.ThrowIfNull(key);
        ArgumentNullException.ThrowIfNull(value);
        CheckKey(key);
        if (IsBinaryKey(key))
            throw new ArgumentException($"key '{key}' ends in -bin: its value is bytes", nameof(key));
        if (!GrpcMetadataWire.IsValidValue(value))
            throw new ArgumentException($"the value of '{key}' is not printable ASCII", nameof(value));
        _entries.Add(new GrpcMetadataEntry(key, value, default));
        return this;
    }

    /// <summary>Adds bytes, base64-encoded on the wire.</summary>
    /// <param name="key">Lower case, ending in <c>-bin</c>.</param>
    /// <param name="value">The bytes; not copied, and not to be changed afterwards.</param>
    /// <exception cref="ArgumentException">The key may not go on the wire.</exception>
    public GrpcMetadata Add(string key, ReadOnlyMemory<byte> value)
    {
        ArgumentNullException.ThrowIfNull(key);
        CheckKey(key);
        if (!IsBinaryKey(key))
            throw new ArgumentException($"key '{key}' carries bytes and does not end in -bin", nameof(key));
        _entries.Add(new GrpcMetadataEntry(key, "", value));
        return this;
    }

    /// <summary>The last text under a key; null when there is none.</summary>
    public string? GetText(string key)
    {
        for (var i = _entries.Count - 1; i >= 0; i--)
            if (Matches(_entries[i], key) && !_entries[i].IsBinary)
                return _entries[i].Value;
        return null;
    }

    /// <summary>The last bytes under a key; null when there are none.</summary>
    public ReadOnlyMemory<byte>? GetBytes(string key)
    {
        for (var i = _entries.Count - 1; i >= 0; i--)
            if (Matches(_entries[i], key) && _entries[i].IsBinary)
                return _entries[i].Bytes;
        return null;
    }

    /// <summary>All entries under a key, in order.</summary>
    public IEnumerable<GrpcMetadataEntry> GetAll(string key) => _entries.Where(e => Matches(e, key));

    /// <inheritdoc/>
    public IEnumerator<GrpcMetadataEntry> GetEnumerator() => _entries.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    internal static bool IsBinaryKey(string key) => key.EndsWith("-bin", StringComparison.Ordinal);

    /// <summary>Adds what came from the wire and has been checked there.</summary>
    internal void AddReceived(GrpcMetadataEntry entry) => _entries.Add(entry);

    internal void AddRange(GrpcMetadata other) => _entries.AddRange(other._entries);

    private static bool Matches(GrpcMetadataEntry entry, string key) =>
        string.Equals(entry.Key, key, StringComparison.Ordinal);

    private static void CheckKey(string key)
    {
        if (!GrpcMetadataWire.IsValidKey(key))
            throw new ArgumentException($"key '{key}' is not made of a-z, 0-9, '_', '-' and '.'", nameof(key));
        if (GrpcMetadataWire.IsReserved(key))
            throw new ArgumentException($"key '{key}' belongs to the protocol", nameof(key));
    }
}
