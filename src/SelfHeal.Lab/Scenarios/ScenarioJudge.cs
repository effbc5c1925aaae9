using System.Globalization;

namespace SelfHeal.Lab.Scenarios;

/// <summary>Says whether a run ended as its scenario must.</summary>
public static class ScenarioJudge
{
    /// <summary>Every expectation of the scenario, held or not.</summary>
    /// <param name="scenario">What was played.</param>
    /// <param name="seen">What was seen.</param>
    public static IReadOnlyList<ScenarioFinding> Judge(Scenario scenario, ScenarioObservation seen)
    {
        ArgumentNullException.ThrowIfNull(scenario);
        ArgumentNullException.ThrowIfNull(seen);
        return scenario.Outcome switch
        {
            ScenarioOutcome.Resolved =>
            [
                Happened(seen, "resolved"),
                NeverHappened(seen, "rolled_back"),
                Order(seen, "appended", "pushed", "acked"),
                NoLateRequests(seen),
            ],
            ScenarioOutcome.Recommended =>
            [
                Happened(seen, "recommended"),
                NeverHappened(seen, "pushed"),
                Untouched(seen, "the routes that the data plane holds are untouched"),
            ],
            ScenarioOutcome.RolledBack =>
            [
                Happened(seen, "failed"),
                Happened(seen, "rolled_back"),
                NeverHappened(seen, "resolved"),
                Order(seen, "appended", "pushed", "acked"),
                Order(seen, "rolled_back", "recommended"),
                Untouched(seen, "after the rollback the routes are byte for byte as before"),
            ],
            _ => throw new ArgumentOutOfRangeException(nameof(scenario), scenario.Outcome, "an unknown outcome"),
        };
    }

    private static ScenarioFinding Happened(ScenarioObservation seen, string name) => new(
        $"the timeline says '{name}'", seen.Events.Contains(name, StringComparer.Ordinal), Story(seen));

    private static ScenarioFinding NeverHappened(ScenarioObservation seen, string name) => new(
        $"the timeline never says '{name}'", !seen.Events.Contains(name, StringComparer.Ordinal), Story(seen));

    /// <summary>
    /// The first of each must be there and come in this order: the record is written before the push.
    /// </summary>
    private static ScenarioFinding Order(ScenarioObservation seen, params string[] names)
    {
        var events = seen.Events.ToList();
        var places = names.Select(name => events.IndexOf(name)).ToArray();
        var held = places[0] >= 0 && places.Zip(places.Skip(1)).All(pair => pair.First < pair.Second);
        return new ScenarioFinding($"{string.Join(" before ", names)}", held, Story(seen));
    }

    private static ScenarioFinding NoLateRequests(ScenarioObservation seen) => new(
        "no request reaches the canary later than 1 s after the ACK",
        seen.CanaryRequestsLate == 0,
        seen.CanaryRequestsLate?.ToString(CultureInfo.InvariantCulture) ?? "there was no ACK");

    private static ScenarioFinding Untouched(ScenarioObservation seen, string expectation) => new(
        expectation,
        seen.DigestBefore is not null && string.Equals(seen.DigestBefore, seen.DigestAfter, StringComparison.Ordinal),
        $"{Short(seen.DigestBefore)} before, {Short(seen.DigestAfter)} after");

    private static string Short(string? digest) => digest is { Length: > 12 } ? digest[..12] : digest ?? "nothing";

    private static string Story(ScenarioObservation seen) => string.Join(", ", seen.Events);
}
