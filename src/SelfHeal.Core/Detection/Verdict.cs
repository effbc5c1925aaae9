namespace SelfHeal.Core.Detection;

/// <summary>What one look says. Always three: no evidence never passes and never fails anything.</summary>
public enum Verdict : byte
{
    /// <summary>Not enough was measured to say either.</summary>
    NoEvidence = 0,

    /// <summary>Measured, and the effect is absent.</summary>
    Clear = 1,

    /// <summary>The statistic is over the bar and the effect is large enough to matter.</summary>
    Breach = 2,
}
