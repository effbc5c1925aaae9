namespace SelfHeal.Ledger;

/// <summary>The refusals that need no disk, the same in every store.</summary>
internal static class AppendGuard
{
    /// <summary>Why the append cannot follow the head; null: it can.</summary>
    /// <param name="append">What the caller wants appended.</param>
    /// <param name="head">The head as the store sees it now.</param>
    public static AppendResult.Refused? Check(LedgerAppend append, LedgerHead head)
    {
        if (append.Payload.Length > LedgerAppend.MaxPayloadBytes)
        {
            return new AppendResult.Refused(
                AppendRefusal.PayloadTooLarge,
                $"the payload has {append.Payload.Length} bytes; the limit is {LedgerAppend.MaxPayloadBytes}");
        }

        return append.ExpectedHead is { } expected && expected != head
            ? new AppendResult.Refused(
                AppendRefusal.HeadMoved,
                $"expected head {expected.Sequence} {expected.ChainHash}; it is {head.Sequence} {head.ChainHash}")
            : null;
    }
}
