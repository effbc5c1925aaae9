namespace SelfHeal.FunctionalTests.Delegation;

/// <summary>What Istiod makes of a request.</summary>
internal enum IstiodVerdict
{
    /// <summary>Read, and not looked at yet.</summary>
    Pending,

    /// <summary>An answer is due; it goes out unless there is nothing to say.</summary>
    Answered,

    /// <summary>Taken, and needs no answer: an ACK, or names given up.</summary>
    Silent,

    /// <summary>A NACK: counted, and all that it says besides is lost.</summary>
    Rejected,

    /// <summary>Its nonce is not the last one that was sent for the type on this stream: all that it says is lost.
    /// </summary>
    Expired,

    /// <summary>No request for resources, such as a health report.</summary>
    Ignored,
}
