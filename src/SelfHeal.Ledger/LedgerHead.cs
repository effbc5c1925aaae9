namespace SelfHeal.Ledger;

/// <summary>The last entry of a ledger: what the next one links to.</summary>
/// <param name="Sequence">Zero for an empty ledger.</param>
/// <param name="ChainHash">The chain hash of that entry; it commits to every entry before it.</param>
public readonly record struct LedgerHead(long Sequence, LedgerHash ChainHash)
{
    /// <summary>The head of a ledger without entries.</summary>
    public static LedgerHead Empty => default;
}
