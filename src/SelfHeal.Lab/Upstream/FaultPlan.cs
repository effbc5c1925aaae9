namespace SelfHeal.Lab.Upstream;

/// <summary>How one upstream version behaves now.</summary>
/// <param name="FailPerMille">How many of 1,000 requests are answered with 500; 0 to 1,000.</param>
/// <param name="Latency">Added to every answer; zero for none.</param>
public sealed record FaultPlan(int FailPerMille, TimeSpan Latency)
{
    /// <summary>Every request succeeds at once.</summary>
    public static FaultPlan Healthy { get; } = new(0, TimeSpan.Zero);

    /// <summary>A plan that fails the given share of requests and adds no latency.</summary>
    /// <param name="failPerMille">0 to 1,000.</param>
    public static FaultPlan Failing(int failPerMille) => new(failPerMille, TimeSpan.Zero);
}
