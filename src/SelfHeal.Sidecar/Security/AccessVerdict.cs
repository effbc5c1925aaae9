namespace SelfHeal.Sidecar.Security;

/// <summary>What becomes of a request.</summary>
internal enum AccessVerdict
{
    /// <summary>It goes on.</summary>
    Allowed,

    /// <summary>The peer may not be the node that it says it is: the stream ends.</summary>
    NotThisNode,

    /// <summary>The node may not ask for this type; on the aggregated service other types go on.</summary>
    NotThisType,
}
