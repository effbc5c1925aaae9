namespace SelfHeal.Xds.Sessions;

/// <summary>What a request says of the latest response of its type.</summary>
internal enum AnswerKind
{
    /// <summary>Nothing: it only states interest.</summary>
    None,

    /// <summary>It answers an older response, or one of another stream.</summary>
    Stale,

    /// <summary>The client accepted the latest response (ACK).</summary>
    Acknowledged,

    /// <summary>The client rejected the latest response (NACK).</summary>
    Rejected,
}
