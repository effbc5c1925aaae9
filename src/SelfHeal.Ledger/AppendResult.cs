namespace SelfHeal.Ledger;

/// <summary>The answer to an append: one of the two cases below.</summary>
public abstract record AppendResult
{
    private AppendResult()
    {
    }

    /// <summary>The entry is on the disk: a crash from here on does not lose it.</summary>
    /// <param name="Sequence">Its place.</param>
    /// <param name="LeafHash">The hash of its payload.</param>
    /// <param name="ChainHash">The hash of everything up to and including it.</param>
    public sealed record Appended(long Sequence, LedgerHash LeafHash, LedgerHash ChainHash) : AppendResult;

    /// <summary>The entry is not known to be on the disk.</summary>
    /// <param name="Reason">Why.</param>
    /// <param name="Detail">The same for people, with the numbers or the message of the disk.</param>
    public sealed record Refused(AppendRefusal Reason, string Detail) : AppendResult;
}
