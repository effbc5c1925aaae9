namespace SelfHeal.Xds.Stats;

/// <summary>Why the rest of a stats stream is refused.</summary>
public enum MetricsStreamErrorCode : byte
{
    /// <summary>Nothing is wrong.</summary>
    None = 0,

    /// <summary>The first message named no node.</summary>
    NoIdentifier = 1,

    /// <summary>The message is longer than the limit.</summary>
    MessageTooLong = 2,

    /// <summary>A metric family or the identifier is longer than the limit.</summary>
    FieldTooLong = 3,

    /// <summary>A tag is no tag: field number 0, or more than 32 bits.</summary>
    BadTag = 4,

    /// <summary>A variable-length integer has more than ten bytes.</summary>
    BadVarint = 5,

    /// <summary>A length reaches beyond what surrounds it.</summary>
    BadLength = 6,

    /// <summary>A known field has another wire type than its declaration, or a field a type that does not
    /// exist.</summary>
    BadWireType = 7,

    /// <summary>What surrounds it ends in the middle of a field.</summary>
    Truncated = 8,

    /// <summary>More bytes came than the message was announced to have.</summary>
    Overrun = 9,
}
