namespace SelfHeal.Sidecar.Demo;

/// <summary>One thing that happened, in the lab or in SelfHeal.</summary>
/// <param name="At">When.</param>
/// <param name="Source"><c>lab</c> or <c>selfheal</c>.</param>
/// <param name="Name">A short name.</param>
/// <param name="Text">A sentence.</param>
internal sealed record DemoEvent(DateTimeOffset At, string Source, string Name, string Text);
