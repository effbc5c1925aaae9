namespace SelfHeal.Core.Contracts;

/// <summary>What a contract says. Undecided is neither: no evidence never passes and never fails anything.</summary>
public enum ContractVerdict
{
    /// <summary>Not decided yet.</summary>
    Undecided,

    /// <summary>The declared test and every criterion held for the whole window.</summary>
    Passed,

    /// <summary>A test is in breach.</summary>
    Failed,

    /// <summary>The deadline passed undecided.</summary>
    Inconclusive,
}
