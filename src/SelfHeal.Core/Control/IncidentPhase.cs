namespace SelfHeal.Core.Control;

/// <summary>Where an incident stands.</summary>
public enum IncidentPhase
{
    /// <summary>A breach was seen; causes are being ranked at every flush.</summary>
    Diagnosed,

    /// <summary>The decision is on its way to the ledger; nothing has been written.</summary>
    Declared,

    /// <summary>The change is pushed; not every proxy has acknowledged it.</summary>
    Executing,

    /// <summary>The contract is being watched.</summary>
    Verifying,

    /// <summary>The contract passed.</summary>
    Resolved,

    /// <summary>The contract failed; what was changed is being taken back.</summary>
    RollingBack,

    /// <summary>Everything is as before the action; the cause is being looked for again.</summary>
    RolledBack,

    /// <summary>Nothing was done: a human has the analysis.</summary>
    Recommended,

    /// <summary>Something was done and could not be judged: held as it is, a human is asked.</summary>
    HandedOver,

    /// <summary>The breach went away by itself, or by a human's hand.</summary>
    Recovered,
}
