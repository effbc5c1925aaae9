namespace SelfHeal.Lab.Scenarios;

/// <summary>How an incident must end.</summary>
public enum ScenarioOutcome
{
    /// <summary>The weights were shifted, the contract passed, the incident is resolved.</summary>
    Resolved,

    /// <summary>Nothing was changed; a recommendation says why.</summary>
    Recommended,

    /// <summary>The weights were shifted, the contract failed, the weights are as before.</summary>
    RolledBack,
}
