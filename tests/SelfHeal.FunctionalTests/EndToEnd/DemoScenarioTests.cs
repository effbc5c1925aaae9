using System.Text.Json;
using SelfHeal.FunctionalTests.Lab.Processes;
using SelfHeal.Lab.Processes;

namespace SelfHeal.FunctionalTests.EndToEnd;

/// <summary>
/// The scenarios as <c>selfheal demo</c> plays them, in the executable itself: the command, its processes, its verdict
/// and its exit code.
/// </summary>
[CancelAfter(120_000)]
[Parallelizable(ParallelScope.All)]
internal sealed class DemoScenarioTests
{
    [TestCase("bad-canary", false)]
    [TestCase("wrong-guess", false)]
    [TestCase("innocent-canary", false)]
    [TestCase("bad-canary", true)]
    [TestCase("wrong-guess", true)]
    [TestCase("innocent-canary", true)]
    public async Task Demo_Scenario_EndsAsDescribed(string scenario, bool model, CancellationToken cancellationToken)
    {
        if (!model)
            PeerRequirement.Needs(EnvoyBinary.Find(), "an Envoy (ENVOY_BIN or PATH)");
        var report = Path.GetTempFileName();
        try
        {
            string[] arguments =
            [
                "demo", "--scenario", scenario, "--flush", "1s", "--contract-window", "10s", "--seed", "11",
                "--json", report,
            ];
            var (code, output, error) = await Executable.RunAsync(
                model ? [.. arguments, "--model"] : arguments, cancellationToken);
            Assert.That(code, Is.Zero, $"{output}\n{error}");
            using var json = JsonDocument.Parse(await File.ReadAllTextAsync(report, cancellationToken));
            AssertEnded(scenario, model, json.RootElement.GetProperty("runs")[0], output);
        }
        finally
        {
            File.Delete(report);
        }
    }

    private static void AssertEnded(string scenario, bool model, JsonElement run, string output)
    {
        var held = run.GetProperty("findings").EnumerateArray()
            .Where(static finding => finding.GetProperty("held").GetBoolean())
            .Select(static finding => finding.GetProperty("expectation").GetString() ?? "")
            .ToList();
        var toAck = run.GetProperty("to_ack_seconds");
        TestContext.Out.WriteLine($"{scenario}, {run.GetProperty("data_plane")}: first failure to ACK {toAck} s");
        using (Assert.EnterMultipleScope())
        {
            Assert.That(run.GetProperty("data_plane").GetString(), Does.StartWith(model ? "SelfHeal's own" : "Envoy "));
            Assert.That(held, Has.Count.EqualTo(run.GetProperty("findings").GetArrayLength()), output);
            Assert.That(run.GetProperty("narrative").GetString(), Is.Not.Empty);
            switch (scenario)
            {
                case "bad-canary":
                    // How soon is a figure of `make demo`, not a test: the machine may be busy.
                    Assert.That(toAck.ValueKind, Is.EqualTo(JsonValueKind.Number), "it was pushed and accepted");
                    Assert.That(run.GetProperty("canary_requests_late").GetInt64(), Is.Zero);
                    break;
                case "wrong-guess":
                    Assert.That(held, Has.One.Contains("byte for byte as before"));
                    Assert.That(held, Does.Contain("the timeline never says 'resolved'"));
                    break;
                default:
                    Assert.That(held, Has.One.Contains("are untouched"));
                    Assert.That(toAck.ValueKind, Is.EqualTo(JsonValueKind.Null), "nothing was pushed");
                    break;
            }
        }
    }
}
