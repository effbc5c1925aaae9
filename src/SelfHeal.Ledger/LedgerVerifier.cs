using System.Globalization;
using System.Security.Cryptography;

namespace SelfHeal.Ledger;

/// <summary>
/// Derives every hash of a ledger again. It shares no code with <see cref="LedgerHashing"/> on purpose: a fault in the
/// writer's arithmetic must not vouch for itself.
/// </summary>
public static class LedgerVerifier
{
    /// <summary>Reads the whole ledger and reports the first break.</summary>
    /// <param name="ledger">The ledger, open.</param>
    /// <param name="cancellationToken">Ends the reading between two entries.</param>
    public static async Task<LedgerVerdict> VerifyAsync(ILedgerReader ledger, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(ledger);
        var head = ledger.Head;
        var last = LedgerHead.Empty;
        await foreach (var entry in ledger.ReadAsync(1, cancellationToken))
        {
            // Entries that arrive while we read are the next verification's.
            if (last.Sequence == head.Sequence)
                break;
            if (FirstBreak(last, entry) is { } broken)
                return broken;
            last = entry.AsHead;
        }

        return last == head
            ? new LedgerVerdict.Intact(head)
            : new LedgerVerdict.Broken(last.Sequence + 1, LedgerPart.Head, Describe(head), Describe(last));
    }

    /// <summary>
    /// What is wrong with <paramref name="entry"/> as the successor of <paramref name="last"/>; null: nothing.
    /// </summary>
    /// <param name="last">The entry before, already verified.</param>
    /// <param name="entry">The entry to check.</param>
    internal static LedgerVerdict.Broken? FirstBreak(LedgerHead last, LedgerEntry entry)
    {
        var place = last.Sequence + 1;
        if (entry.Sequence != place)
            return Break(place, LedgerPart.Sequence, Number(place), Number(entry.Sequence));

        byte[] leafInput = [0x00, .. entry.Payload.Span];
        var leaf = new LedgerHash(SHA256.HashData(leafInput));
        if (entry.LeafHash != leaf)
            return Break(place, LedgerPart.LeafHash, leaf.ToString(), entry.LeafHash.ToString());
        if (entry.PreviousChainHash != last.ChainHash)
        {
            return Break(
                place,
                LedgerPart.PreviousChainHash,
                last.ChainHash.ToString(),
                entry.PreviousChainHash.ToString());
        }

        byte[] chainInput = [.. last.ChainHash.ToArray(), .. BigEndian(place), .. leaf.ToArray()];
        var chain = new LedgerHash(SHA256.HashData(chainInput));
        return entry.ChainHash == chain
            ? null
            : Break(place, LedgerPart.ChainHash, chain.ToString(), entry.ChainHash.ToString());
    }

    private static LedgerVerdict.Broken Break(long place, LedgerPart part, string expected, string found) =>
        new(place, part, expected, found);

    private static byte[] BigEndian(long value)
    {
        var bytes = BitConverter.GetBytes(value);
        if (BitConverter.IsLittleEndian)
            Array.Reverse(bytes);
        return bytes;
    }

    private static string Number(long value) => value.ToString(CultureInfo.InvariantCulture);

    private static string Describe(LedgerHead head) => $"{Number(head.Sequence)} with chain hash {head.ChainHash}";
}
