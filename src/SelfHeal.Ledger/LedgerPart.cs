namespace SelfHeal.Ledger;

/// <summary>The part of a ledger that a break was found in.</summary>
public enum LedgerPart
{
    /// <summary>An entry is missing, repeated or out of order.</summary>
    Sequence,

    /// <summary>The payload does not have the leaf hash stored beside it.</summary>
    LeafHash,

    /// <summary>The entry does not link to the one before it.</summary>
    PreviousChainHash,

    /// <summary>The chain hash does not follow from the link, the sequence and the leaf hash.</summary>
    ChainHash,

    /// <summary>The ledger's head is not its last entry.</summary>
    Head,
}
