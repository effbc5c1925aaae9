namespace SelfHeal.Grpc;

/// <summary>
/// One metadata entry (PROTOCOL-HTTP2.md, "Custom-Metadata"): a text, or bytes when the key ends in <c>-bin</c>.
/// </summary>
/// <param name="Key">Lower case: letters, digits, <c>_</c>, <c>-</c> and <c>.</c>.</param>
/// <param name="Value">Printable ASCII; empty for a binary entry.</param>
/// <param name="Bytes">The bytes of a binary entry; empty for a text.</param>
public readonly record struct GrpcMetadataEntry(string Key, string Value, ReadOnlyMemory<byte> Bytes)
{
    /// <summary>Whether the entry carries bytes.</summary>
    public bool IsBinary => GrpcMetadata.IsBinaryKey(Key);
}
