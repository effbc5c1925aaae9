namespace SelfHeal.Ledger;

/// <summary>What the verifier found: one of the two cases below.</summary>
public abstract record LedgerVerdict
{
    private LedgerVerdict()
    {
    }

    /// <summary>Every hash was derived again and is what the ledger says.</summary>
    /// <param name="Head">The last entry. Whether entries after it were cut off shows only against a head that somebody
    /// kept elsewhere.</param>
    public sealed record Intact(LedgerHead Head) : LedgerVerdict;

    /// <summary>The first place at which the ledger is not what it was.</summary>
    /// <param name="Sequence">The place at which an entry was looked for.</param>
    /// <param name="Part">Which part of it.</param>
    /// <param name="Expected">What the entries before it say must be there.</param>
    /// <param name="Found">What is there.</param>
    public sealed record Broken(long Sequence, LedgerPart Part, string Expected, string Found) : LedgerVerdict;
}
