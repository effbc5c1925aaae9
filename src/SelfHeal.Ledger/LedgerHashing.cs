using System.Buffers.Binary;
using System.Security.Cryptography;

namespace SelfHeal.Ledger;

/// <summary>
/// The hashes that a store writes. The leaf is that of RFC 6962, so that Merkle checkpoints can be laid over a ledger
/// that exists already.
/// </summary>
public static class LedgerHashing
{
    private const byte LeafPrefix = 0x00;

    /// <summary>SHA-256 of a zero byte and the payload.</summary>
    /// <param name="payload">The opaque bytes of an entry.</param>
    public static LedgerHash Leaf(ReadOnlySpan<byte> payload)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData([LeafPrefix]);
        hash.AppendData(payload);
        Span<byte> bytes = stackalloc byte[LedgerHash.Size];
        hash.GetHashAndReset(bytes);
        return new LedgerHash(bytes);
    }

    /// <summary>SHA-256 of the previous chain hash, the sequence in big endian and the leaf hash.</summary>
    /// <param name="previous">The chain hash of the entry before; zeros for the first.</param>
    /// <param name="sequence">The place of this entry.</param>
    /// <param name="leaf">Its leaf hash.</param>
    public static LedgerHash Chain(LedgerHash previous, long sequence, LedgerHash leaf)
    {
        Span<byte> input = stackalloc byte[LedgerHash.Size + sizeof(long) + LedgerHash.Size];
        previous.CopyTo(input);
        BinaryPrimitives.WriteInt64BigEndian(input[LedgerHash.Size..], sequence);
        leaf.CopyTo(input[(LedgerHash.Size + sizeof(long))..]);
        Span<byte> bytes = stackalloc byte[LedgerHash.Size];
        SHA256.HashData(input, bytes);
        return new LedgerHash(bytes);
    }

    /// <summary>The entry that follows a head.</summary>
    /// <param name="head">The last entry.</param>
    /// <param name="append">What the caller wants appended.</param>
    /// <param name="appendedAt">The wall clock.</param>
    internal static LedgerEntry Next(LedgerHead head, LedgerAppend append, DateTimeOffset appendedAt)
    {
        var sequence = head.Sequence + 1;
        var leaf = Leaf(append.Payload.Span);
        var chain = Chain(head.ChainHash, sequence, leaf);
        var kept = append.Payload.ToArray();
        return new LedgerEntry(sequence, kept, leaf, head.ChainHash, chain, appendedAt, append.Kind, append.Subject);
    }
}
