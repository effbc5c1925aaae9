namespace SelfHeal.Lab.Scenarios;

/// <summary>What breaks.</summary>
public enum ScenarioFault
{
    /// <summary>The canary version itself: it fails a share of its requests.</summary>
    CanaryRegression,

    /// <summary>Something that every version needs: all fail alike, from the same moment.</summary>
    SharedDependency,

    /// <summary>
    /// A batch job pinned to the newest version that takes traffic: the failing work moves with the traffic.
    /// </summary>
    PoisonedBatch,
}
