namespace SelfHeal.Ledger;

/// <summary>What a caller wants appended.</summary>
public sealed record LedgerAppend
{
    /// <summary>
    /// The largest payload in bytes. A decision record with all of its evidence is some 100 KB; forty times that is a
    /// mistake of the caller, and it is told so instead of filling the disk.
    /// </summary>
    public const int MaxPayloadBytes = 4 * 1024 * 1024;

    /// <summary>The longest kind and the longest subject in characters: a name, not a text.</summary>
    public const int MaxNameLength = 256;

    /// <summary>Names and payload of the entry to be.</summary>
    /// <param name="kind">What sort of record the payload is; 1 to <see cref="MaxNameLength"/> characters.</param>
    /// <param name="subject">What the record is about; 1 to <see cref="MaxNameLength"/> characters.</param>
    /// <param name="payload">Opaque bytes; the caller must not change them until the append is answered.</param>
    /// <param name="expectedHead">The head that the caller decided on. Default null: any head. When the ledger has
    /// moved on, the append is refused with <see cref="AppendRefusal.HeadMoved"/>.</param>
    public LedgerAppend(string kind, string subject, ReadOnlyMemory<byte> payload, LedgerHead? expectedHead = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(kind);
        ArgumentException.ThrowIfNullOrEmpty(subject);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(kind.Length, MaxNameLength, nameof(kind));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(subject.Length, MaxNameLength, nameof(subject));
        Kind = kind;
        Subject = subject;
        Payload = payload;
        ExpectedHead = expectedHead;
    }

    /// <summary>What sort of record the payload is.</summary>
    public string Kind { get; }

    /// <summary>What the record is about.</summary>
    public string Subject { get; }

    /// <summary>Opaque bytes.</summary>
    public ReadOnlyMemory<byte> Payload { get; }

    /// <summary>The head that the caller decided on; null: any head.</summary>
    public LedgerHead? ExpectedHead { get; }
}
