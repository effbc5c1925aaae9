namespace SelfHeal.Ledger;

/// <summary>An append-only, hash-chained log with one writer. Appends from several callers are put in line.</summary>
public interface ILedgerStore : ILedgerReader
{
    /// <summary>Appends one entry, and answers when it is durable or refused.</summary>
    /// <param name="append">The entry to be.</param>
    /// <param name="cancellationToken">Counts until the write begins. After that the answer is always told, because an
    /// entry whose fate is unknown is worse than a late answer.</param>
    Task<AppendResult> AppendAsync(LedgerAppend append, CancellationToken cancellationToken);
}
