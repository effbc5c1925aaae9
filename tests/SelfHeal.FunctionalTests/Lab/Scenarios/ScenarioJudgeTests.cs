using SelfHeal.Lab.Scenarios;

namespace SelfHeal.FunctionalTests.Lab.Scenarios;

[TestFixture]
public sealed class ScenarioJudgeTests
{
    private static readonly string[] Resolved =
    [
        "onset", "flush", "breach", "persistent", "declared", "appended", "pushed", "acked", "verifying", "passed",
        "resolved",
    ];

    private static readonly string[] RolledBack =
    [
        "onset", "breach", "declared", "appended", "pushed", "acked", "verifying", "failed", "rollback_declared",
        "rolled_back", "recommended",
    ];

    [Test]
    public void Judge_BadCanaryResolved_Holds() =>
        Assert.That(Failed(ScenarioCatalog.BadCanary, new(Resolved, "a", "b", 0)), Is.Empty);

    [Test]
    public void Judge_BadCanaryWithALateRequest_Fails() =>
        Assert.That(Failed(ScenarioCatalog.BadCanary, new(Resolved, "a", "b", 1)), Has.Length.EqualTo(1));

    [Test]
    public void Judge_PushBeforeTheRecord_Fails()
    {
        string[] events = ["pushed", "appended", "acked", "resolved"];

        Assert.That(Failed(ScenarioCatalog.BadCanary, new(events, "a", "b", 0)), Has.Length.EqualTo(1));
    }

    [Test]
    public void Judge_InnocentCanaryRecommended_Holds() =>
        Assert.That(Failed(ScenarioCatalog.InnocentCanary, new(["breach", "recommended"], "a", "a", null)), Is.Empty);

    [TestCase("a", "b")]
    [TestCase(null, null)]
    public void Judge_InnocentCanaryWithTouchedRoutes_Fails(string? before, string? after) =>
        Assert.That(
            Failed(ScenarioCatalog.InnocentCanary, new(["recommended"], before, after, null)), Has.Length.EqualTo(1));

    [Test]
    public void Judge_WrongGuessRolledBack_Holds() =>
        Assert.That(Failed(ScenarioCatalog.WrongGuess, new(RolledBack, "a", "a", 5)), Is.Empty);

    [Test]
    public void Judge_WrongGuessResolved_Fails() =>
        Assert.That(Failed(ScenarioCatalog.WrongGuess, new(Resolved, "a", "b", 0)), Has.Length.EqualTo(5));

    private static string[] Failed(Scenario scenario, ScenarioObservation seen) =>
        [.. ScenarioJudge.Judge(scenario, seen).Where(finding => !finding.Held).Select(finding => finding.Expectation)];
}
