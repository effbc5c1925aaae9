using System.Collections.Immutable;
using System.Text.Json.Nodes;
using SelfHeal.Lab.Load;
using SelfHeal.Lab.Scenarios;
using SelfHeal.Sidecar.Demo;
using Spectre.Console;

namespace SelfHeal.UnitTests.Sidecar.Demo;

internal sealed class DemoReportTests
{
    [Test]
    public void MedianAndWorst_OddAndEven_AreOfTheRunsWithAnAck()
    {
        Assert.That(
            DemoReport.MedianAndWorst([Result(9), Result(7), Result(null), Result(12)]),
            Is.EqualTo(((TimeSpan?)TimeSpan.FromSeconds(9), (TimeSpan?)TimeSpan.FromSeconds(12))));
        Assert.That(
            DemoReport.MedianAndWorst([Result(8), Result(9)]).Median, Is.EqualTo(TimeSpan.FromSeconds(8.5)));
        Assert.That(DemoReport.MedianAndWorst([Result(null)]), Is.EqualTo(((TimeSpan?)null, (TimeSpan?)null)));
    }

    [Test]
    public void Write_WithoutATerminal_PrintsRecordAndFindingsUnwrapped()
    {
        var text = new StringWriter();
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(text) });
        new DemoReport(console, new DemoOptions()).Write(Result(9));

        var printed = text.ToString();
        Assert.That(printed, Does.Contain("\"evidence\": \"a > b [c]\""));
        Assert.That(printed, Does.Contain("FAILED it must hold (it did not, for a reason that takes more than eighty"));
        Assert.That(printed, Does.Contain("kept in /somewhere"));
    }

    [Test]
    public void ToJson_Runs_CarryRecordAndTimes()
    {
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(new StringWriter()) });
        var json = JsonNode.Parse(new DemoReport(console, new DemoOptions()).ToJson([Result(9)]));

        Assert.That(json?["median_to_ack_seconds"]?.GetValue<double>(), Is.EqualTo(9));
        Assert.That(json?["held"]?.GetValue<bool>(), Is.False);
        Assert.That(json?["runs"]?[0]?["record"]?["evidence"]?.GetValue<string>(), Is.EqualTo("a > b [c]"));
    }

    private static DemoResult Result(double? seconds) => new(
        Seed: 1,
        DataPlane: "a model",
        Findings:
        [
            new ScenarioFinding(
                "it must hold", Held: false, "it did not, for a reason that takes more than eighty columns to give"),
        ],
        Digests: [new DemoDigest("before the incident", "ab12")],
        Steps: [],
        TimeToAck: seconds is { } value ? TimeSpan.FromSeconds(value) : null,
        Failing: 3,
        CanaryRequestsLate: 0,
        Load: new LoadSnapshot(10, 0, 0, ImmutableSortedDictionary<int, long>.Empty, []),
        Record: """{"evidence":"a > b [c]"}""",
        Narrative: "At 03:17 [it] broke.",
        Directory: "/somewhere");
}
