namespace SelfHeal.Ledger;

/// <summary>
/// One entry as it is stored. The hashes commit to the sequence and the payload, and to nothing else: whatever must
/// stand up as evidence belongs in the payload.
/// </summary>
/// <param name="Sequence">Gapless from 1.</param>
/// <param name="Payload">Opaque bytes, exactly as they were appended.</param>
/// <param name="LeafHash">SHA-256 of a zero byte and the payload (RFC 6962, section 2.1).</param>
/// <param name="PreviousChainHash">The chain hash of the entry before; zeros for the first.</param>
/// <param name="ChainHash">SHA-256 of the previous chain hash, the sequence (big endian) and the leaf hash.</param>
/// <param name="AppendedAt">The wall clock in UTC when the entry was written; for display, not under the
/// hashes.</param>
/// <param name="Kind">What sort of record the payload is; for finding it, not under the hashes.</param>
/// <param name="Subject">What the record is about, such as an incident; for finding it, not under the hashes.</param>
public sealed record LedgerEntry(
    long Sequence,
    ReadOnlyMemory<byte> Payload,
    LedgerHash LeafHash,
    LedgerHash PreviousChainHash,
    LedgerHash ChainHash,
    DateTimeOffset AppendedAt,
    string Kind,
    string Subject)
{
    /// <summary>The head of a ledger that ends with this entry.</summary>
    public LedgerHead AsHead => new(Sequence, ChainHash);
}
