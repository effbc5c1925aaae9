namespace SelfHeal.Xds.Accepted;

/// <summary>What a file of kept configuration holds. The numbers stand in files and never change.</summary>
public enum StateKind
{
    /// <summary>What the nodes of a group accepted last.</summary>
    Accepted = 1,

    /// <summary>The last-known-good of a group.</summary>
    Verified = 2,

    /// <summary>Contents that are not served any more.</summary>
    Quarantine = 3,

    /// <summary>What an upstream gave a node.</summary>
    Upstream = 4,
}
