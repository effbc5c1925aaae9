namespace SelfHeal.Core.Actions;

/// <summary>The closed catalog. What is not named here cannot be executed.</summary>
public enum ActionKind
{
    /// <summary>Nothing is written; always a scored candidate.</summary>
    DoNothing,

    /// <summary>Shift a route's traffic between versions of one service.</summary>
    ShiftTrafficWeights,
}
