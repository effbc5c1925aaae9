namespace SelfHeal.Lab.Scenarios;

/// <summary>One thing that must hold at the end of a run.</summary>
/// <param name="Expectation">What must hold.</param>
/// <param name="Held">Whether it did.</param>
/// <param name="Seen">What was seen.</param>
public sealed record ScenarioFinding(string Expectation, bool Held, string Seen);
