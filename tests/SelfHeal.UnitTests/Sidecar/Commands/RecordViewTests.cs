using System.Text.Json;
using SelfHeal.Sidecar.Commands;

namespace SelfHeal.UnitTests.Sidecar.Commands;

internal sealed class RecordViewTests
{
    private const string Record = """
        {
          "incident_id": "ing-2026-0412-0317",
          "detected_at": "2026-04-12T03:17:42Z",
          "evidence": ["upstream_rq_5xx 14.2/s (baseline 0.3/s)", "an upstream said \u001b[2J"],
          "hypothesis": {"cause": "regression of v2", "confidence": 0.84},
          "candidate_actions": [
            {"action": "shift_canary_weight", "params": {"v2": 0, "v1": 100}, "risk": 0.12, "reversible": true,
             "drops_inflight": false},
            {"action": "scale_replicas", "delta": "+4", "risk": 0.22, "reversible": true},
            {"action": "do_nothing", "risk": 0.3}
          ],
          "chosen_action": "shift_canary_weight",
          "rationale": "The highest-confidence cause.",
          "verification": {"criteria": "5xx < 1/s", "result": "passed at 03:29:08Z", "rollback_triggered": false},
          "something_new": [1]
        }
        """;

    [Test]
    public void Write_Record_IsTheGoldenText()
    {
        var console = new TestConsole();
        using var record = JsonDocument.Parse(Record);
        new RecordView(console.Environment).Write(record.RootElement, "At 03:17 errors rose.\nNobody was paged.\n");

        GoldenFile.Check("tests/SelfHeal.UnitTests/Sidecar/Commands/Explain.txt", console.Out);
    }

    [TestCase("{}")]
    [TestCase("[]")]
    [TestCase("""{"evidence": 1, "candidate_actions": [1], "verification": []}""")]
    public void Write_RecordOfAnotherShape_ShowsTheNarrative(string json)
    {
        var console = new TestConsole();
        using var record = JsonDocument.Parse(json);
        new RecordView(console.Environment).Write(record.RootElement, "Text.");

        Assert.That(console.Out, Does.Contain("Text."));
    }
}
