namespace SelfHeal.Core.Records;

/// <summary>What an entry of the ledger says. A closed set.</summary>
public enum RecordType
{
    /// <summary>An action is about to be taken; nothing has been written yet.</summary>
    Decision,

    /// <summary>Nothing is done by itself; a human gets the analysis.</summary>
    Recommendation,

    /// <summary>Every proxy in scope acknowledged the change.</summary>
    Executed,

    /// <summary>The contract passed.</summary>
    Resolved,

    /// <summary>The contract failed and the rollback is about to run.</summary>
    Rollback,

    /// <summary>The rollback is done and judged.</summary>
    RolledBack,

    /// <summary>A proxy rejected the change, or did not answer in time; it was withdrawn at once.</summary>
    Rejected,

    /// <summary>The contract could not be judged by its deadline: held as it is, a human is asked.</summary>
    Inconclusive,

    /// <summary>The process came back and watches the contract again.</summary>
    Resumed,

    /// <summary>The source of configuration changed the route: its change wins, ours is withdrawn.</summary>
    StoodDown,

    /// <summary>The change has outlived its expiry: held as it is, a human is asked.</summary>
    Expired,

    /// <summary>The breach went away and nothing of ours is in force.</summary>
    Recovered,
}
