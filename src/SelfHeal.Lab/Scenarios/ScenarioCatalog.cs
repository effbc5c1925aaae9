using System.Collections.Immutable;

namespace SelfHeal.Lab.Scenarios;

/// <summary>The scenarios there are: a closed set.</summary>
public static class ScenarioCatalog
{
    /// <summary>The canary starts to fail 30 % of its requests.</summary>
    public static Scenario BadCanary { get; } = new(
        "bad-canary",
        "The canary, which has 10 % of the traffic, starts to fail 30 % of its requests.",
        ScenarioFault.CanaryRegression,
        FailPerMille: 300,
        ScenarioOutcome.Resolved);

    /// <summary>Every version starts to fail 30 % of its requests at once.</summary>
    public static Scenario InnocentCanary { get; } = new(
        "innocent-canary",
        "A dependency that both versions share breaks: each fails 30 % of its requests, so shifting weights cannot "
        + "help.",
        ScenarioFault.SharedDependency,
        FailPerMille: 300,
        ScenarioOutcome.Recommended);

    /// <summary>The failing work follows the traffic to the other version.</summary>
    public static Scenario WrongGuess { get; } = new(
        "wrong-guess",
        "A poisoned batch job runs on the newest version that takes traffic: the canary looks guilty, but when its "
        + "traffic moves away, the failures move with it.",
        ScenarioFault.PoisonedBatch,
        FailPerMille: 300,
        ScenarioOutcome.RolledBack);

    /// <summary>All of them.</summary>
    public static ImmutableArray<Scenario> All { get; } = [BadCanary, InnocentCanary, WrongGuess];

    /// <summary>The scenario of that name; null when there is none.</summary>
    /// <param name="name">As given on the command line.</param>
    public static Scenario? Find(string name) =>
        All.FirstOrDefault(scenario => string.Equals(scenario.Name, name, StringComparison.Ordinal));
}
