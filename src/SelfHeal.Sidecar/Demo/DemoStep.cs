namespace SelfHeal.Sidecar.Demo;

/// <summary>One step between the first failing response and the ACK.</summary>
/// <param name="Name">What happened.</param>
/// <param name="At">When; null when the record does not say.</param>
/// <param name="SinceStart">Since the first failing response.</param>
/// <param name="Took">Since the step before.</param>
internal sealed record DemoStep(string Name, DateTimeOffset? At, TimeSpan? SinceStart, TimeSpan? Took);
