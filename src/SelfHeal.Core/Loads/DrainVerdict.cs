namespace SelfHeal.Core.Loads;

/// <summary>Whether an endpoint has no request left.</summary>
public enum DrainVerdict
{
    /// <summary>Nothing can be said; the gaps say why. Act as if there were requests.</summary>
    NoEvidence,

    /// <summary>Some proxy has requests under way to it, or has sent it some in the last period.</summary>
    Busy,

    /// <summary>Every proxy that has the cluster reported, in time, that it sent nothing and that nothing is under way.
    /// </summary>
    Drained,
}
