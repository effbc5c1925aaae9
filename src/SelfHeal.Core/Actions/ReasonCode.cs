namespace SelfHeal.Core.Actions;

/// <summary>Why the gate refused an action. A closed set; prose is made from it elsewhere.</summary>
public enum ReasonCode
{
    /// <summary>The service's ring ceiling is below the action's ring.</summary>
    RingCeiling,

    /// <summary>The lower bound of the confidence is below the ring's bar.</summary>
    ConfidenceBelowBar,

    /// <summary>The runner-up is too close behind.</summary>
    MarginTooSmall,

    /// <summary>Fewer than two independent groups of evidence speak for the cause.</summary>
    TooFewIndependentGroups,

    /// <summary>A deterministic bit says otherwise.</summary>
    DeterministicContradiction,

    /// <summary>The effect has not held for as many flushes as the policy wants.</summary>
    NotPersistent,

    /// <summary>The risk is above what the ring allows.</summary>
    RiskTooHigh,

    /// <summary>It would touch state that cannot be repeated.</summary>
    StateSensitive,

    /// <summary>The action does not address the leading cause: what helps one class harms another.</summary>
    WrongForCause,

    /// <summary>Every version fails alike, so that shifting traffic cannot help.</summary>
    SiblingsFailAlike,

    /// <summary>The same cause and action were tried in this incident and failed their contract.</summary>
    Falsified,

    /// <summary>The limit of actions in one incident is reached.</summary>
    TooManyActions,

    /// <summary>The policy freezes all actions.</summary>
    Frozen,

    /// <summary>No proxy holds the route, so that nothing could be verified.</summary>
    NoProxyInScope,

    /// <summary>A version that would receive the traffic is in breach itself.</summary>
    ReceiverInBreach,

    /// <summary>The receivers would get more additional traffic than the policy allows.</summary>
    ReceiverOverload,

    /// <summary>No version would be left to receive the traffic.</summary>
    NoReceiver,

    /// <summary>Records cannot be appended: recommend only.</summary>
    LedgerUnavailable,

    /// <summary>Another action is open on the scope.</summary>
    ScopeBusy,

    /// <summary>More than one route splits the service, and an action covers one route.</summary>
    SeveralRoutes,

    /// <summary>A catalog entry for the cause does not exist yet.</summary>
    NothingInCatalog,

    /// <summary>The service carries gRPC and its failures cannot be seen: its ceiling is 0.</summary>
    BlindGrpc,

    /// <summary>No route configuration of its own (RDS) splits the blamed version from its siblings, so that there is
    /// nothing to lay weights over.</summary>
    NoWritableSplit,
}
