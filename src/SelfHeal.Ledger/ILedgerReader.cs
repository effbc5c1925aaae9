namespace SelfHeal.Ledger;

/// <summary>A ledger that can be read.</summary>
public interface ILedgerReader : IAsyncDisposable
{
    /// <summary>The last durable entry.</summary>
    LedgerHead Head { get; }

    /// <summary>
    /// The entries from <paramref name="fromSequence"/> up to the head as it is when the reading begins, in order and
    /// as they are stored: whether the hashes hold is the business of <see cref="LedgerVerifier"/>.
    /// </summary>
    /// <param name="fromSequence">The first sequence; at least 1.</param>
    /// <param name="cancellationToken">Ends the reading between two entries.</param>
    IAsyncEnumerable<LedgerEntry> ReadAsync(long fromSequence, CancellationToken cancellationToken);
}
