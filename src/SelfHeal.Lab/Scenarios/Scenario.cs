namespace SelfHeal.Lab.Scenarios;

/// <summary>One incident as data: what breaks, and what SelfHeal must make of it.</summary>
/// <param name="Name">As given on the command line.</param>
/// <param name="Summary">One sentence for people.</param>
/// <param name="Fault">What breaks.</param>
/// <param name="FailPerMille">How many of 1,000 requests fail where it is broken.</param>
/// <param name="Outcome">How the incident must end.</param>
public sealed record Scenario(
    string Name, string Summary, ScenarioFault Fault, int FailPerMille, ScenarioOutcome Outcome);
