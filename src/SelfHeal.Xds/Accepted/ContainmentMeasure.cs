namespace SelfHeal.Xds.Accepted;

/// <summary>What is served in place of a content.</summary>
public enum ContainmentMeasure
{
    /// <summary>What was accepted last.</summary>
    Replaced,

    /// <summary>Nothing.</summary>
    LeftOut,

    /// <summary>What was accepted last, although the source no longer has it: something replaced needs it.</summary>
    Restored,
}
