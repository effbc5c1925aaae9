namespace SelfHeal.Benchmarks.Simulation;

/// <summary>What goes wrong with a service.</summary>
/// <param name="Start">Seconds after the end of the newest block.</param>
/// <param name="End">The same; positive infinity where it stays.</param>
/// <param name="StableRatio">The first version's ratio of failures meanwhile.</param>
/// <param name="CanaryRatio">The second's.</param>
internal sealed record Fault(double Start, double End, double StableRatio, double CanaryRatio);
