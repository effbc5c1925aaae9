namespace SelfHeal.Lab.Upstream;

/// <summary>
/// Where a scenario turns faults on and off while requests are under way. One reference is replaced whole, so a
/// request sees either the old plan or the new one, never a mixture.
/// </summary>
public sealed class FaultSwitch
{
    private volatile FaultPlan _plan = FaultPlan.Healthy;

    /// <summary>The plan that the next request follows.</summary>
    public FaultPlan Plan => _plan;

    /// <summary>Replaces the plan from the next request on.</summary>
    /// <param name="plan">The new behaviour.</param>
    public void Set(FaultPlan plan)
    {
        ArgumentNullException.ThrowIfNull(plan);
        ArgumentOutOfRangeException.ThrowIfNegative(plan.FailPerMille);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(plan.FailPerMille, 1000);
        ArgumentOutOfRangeException.ThrowIfLessThan(plan.Latency, TimeSpan.Zero);
        _plan = plan;
    }
}
