namespace SelfHeal.Core.Upstream;

/// <summary>What came of asking the upstream for its metrics.</summary>
public enum UpstreamAnswer
{
    /// <summary>They were read.</summary>
    Read,

    /// <summary>Something answered, and it was not metrics that can be read.</summary>
    Unreadable,

    /// <summary>Nothing answered in time.</summary>
    Unreachable,
}
