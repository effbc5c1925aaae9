namespace SelfHeal.Ledger;

/// <summary>Why an entry was not appended. Whatever the reason, the caller must not act on it.</summary>
public enum AppendRefusal
{
    /// <summary>The ledger has moved on from the head that the caller expected. Nothing was written.</summary>
    HeadMoved,

    /// <summary>The payload exceeds <see cref="LedgerAppend.MaxPayloadBytes"/>. Nothing was written.</summary>
    PayloadTooLarge,

    /// <summary>Too many appends wait for the disk already. Nothing was written.</summary>
    Overloaded,

    /// <summary>Another connection holds the file's write lock. Nothing was written.</summary>
    Busy,

    /// <summary>The disk is full. Nothing was written; appends succeed again when there is room.</summary>
    DiskFull,

    /// <summary>
    /// The write failed half way, so that the entry may turn out to be in the file when it is opened again. The store
    /// refuses everything after this with <see cref="Faulted"/>.
    /// </summary>
    WriteFailed,

    /// <summary>An earlier failure left the state of the file unknown. It has to be opened again.</summary>
    Faulted,

    /// <summary>The store is closed.</summary>
    Closed,
}
