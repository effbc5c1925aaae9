namespace SelfHeal.Ledger;

/// <summary>What an <see cref="InMemoryLedgerStore"/> does to the appends that follow.</summary>
public enum LedgerFault
{
    /// <summary>Appends succeed.</summary>
    None,

    /// <summary>The disk has no room: every append is refused until the fault is taken away.</summary>
    FullDisk,

    /// <summary>
    /// The next write stops half way: refused, the store is faulted, and reopening does not find the entry.
    /// </summary>
    TornWrite,

    /// <summary>
    /// The next write is complete but its flush reports an error: refused, and reopening does find the entry.
    /// </summary>
    LostAnswer,
}
