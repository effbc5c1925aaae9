using System.Text;
using SelfHeal.Core.Contracts;
using SelfHeal.Core.Control;
using SelfHeal.Core.Records;
using SelfHeal.Sidecar.Judgement;
using SelfHeal.UnitTests.Ledger;

namespace SelfHeal.UnitTests.Sidecar.Judgement;

/// <summary>What people see of incidents, before and after a restart.</summary>
[CancelAfter(60_000)]
internal sealed class IncidentBoardTests
{
    private static readonly LedgerRecord[] Records = ShellHarness.BadCanaryLedger(3);
    private static readonly string Id = Records[0].IncidentId;

    [TestCase(1, IncidentPhase.Executing)]
    [TestCase(2, IncidentPhase.Verifying)]
    [TestCase(3, IncidentPhase.Resolved)]
    public async Task Restored_Incident_IsListedWithItsPhase(int entries, IncidentPhase phase)
    {
        await using var shell = await ShellHarness.CreateAsync(Records[..entries]).InTime();

        var summary = shell.Board.Incidents.Single();

        Assert.Multiple(() =>
        {
            Assert.That(summary.IncidentId, Is.EqualTo(Id));
            Assert.That(summary.Service, Is.EqualTo("payments"));
            Assert.That(summary.Phase, Is.EqualTo(phase));
            Assert.That(summary.DetectedAt, Is.EqualTo(Records[0].Time.Detected));
            Assert.That(summary.Outcome, Is.EqualTo(entries < 3 ? null : Records[2].Outcome?.Reason));
        });
    }

    [TestCase(RecordType.Rollback, null, IncidentPhase.RollingBack)]
    [TestCase(RecordType.RolledBack, ContractVerdict.Passed, IncidentPhase.RolledBack)]
    [TestCase(RecordType.RolledBack, ContractVerdict.Inconclusive, IncidentPhase.HandedOver)]
    [TestCase(RecordType.RolledBack, ContractVerdict.Failed, IncidentPhase.HandedOver)]
    [TestCase(RecordType.Recommendation, null, IncidentPhase.Recommended)]
    [TestCase(RecordType.Recovered, null, IncidentPhase.Recovered)]
    [TestCase(RecordType.Resumed, null, IncidentPhase.Verifying)]
    [TestCase(RecordType.Rejected, null, IncidentPhase.HandedOver)]
    [TestCase(RecordType.Inconclusive, null, IncidentPhase.HandedOver)]
    [TestCase(RecordType.StoodDown, null, IncidentPhase.HandedOver)]
    [TestCase(RecordType.Expired, null, IncidentPhase.HandedOver)]
    public void Restored_LastEntry_GivesThePhaseThatTheLoopIsIn(
        RecordType type, ContractVerdict? verdict, IncidentPhase phase)
    {
        var last = Records[1] with
        {
            Type = type,
            Outcome = verdict is { } v ? new OutcomeBlock(v, "because", [], null, null) : null,
        };

        Assert.That(BoardOf(Records[0], last).Incidents.Single().Phase, Is.EqualTo(phase));
    }

    [Test]
    public async Task ReadEntries_RestoredIncident_AreTheCanonicalBytesOfTheLedger()
    {
        await using var shell = await ShellHarness.CreateAsync(Records).InTime();

        var full = await shell.Board.ReadEntriesAsync(Id, CancellationToken.None);

        var entries = await shell.Restored.Store.ReadAllAsync();
        var expected = $"[{string.Join(',', entries.Select(static e => e.Text()))}]";
        Assert.That(Encoding.UTF8.GetString(full ?? []), Is.EqualTo(expected));
    }

    [Test]
    public async Task Find_UnknownId_IsNull()
    {
        var board = BoardOf(Records);

        Assert.That(board.Find("unknown"), Is.Null);
        Assert.That(await board.ReadEntriesAsync("unknown", CancellationToken.None), Is.Null);
    }

    [Test]
    public void Find_RestoredIncident_HasRecordTimelineAndNarrative()
    {
        var document = BoardOf(Records).Find(Id);

        Assert.That(document?.Record.ToArray(), Is.EqualTo(ArticleView.Write(Records)));
        Assert.That(
            document?.Timeline.Select(static t => t.Event), Is.EqualTo(new[] { "decision", "executed", "resolved" }));
        Assert.That(document?.Narrative, Does.Contain("payments"));
    }

    [Test]
    public void Report_BeforeAnyEntry_IsListedWithoutARecord()
    {
        var board = BoardOf();
        board.Report(Progress("onset", 0, IncidentPhase.Diagnosed));

        var document = board.Find(Id);

        Assert.That(document?.Record.IsEmpty, Is.True);
        Assert.That(document?.Narrative, Is.EqualTo("Nothing has been decided yet."));
        Assert.That(document?.Summary.Phase, Is.EqualTo(IncidentPhase.Diagnosed));
    }

    [Test]
    public void Report_LiveIncident_IsDetectedWhenItsLedgerSaysSo()
    {
        var board = BoardOf();
        board.Report(Progress("onset", -60, IncidentPhase.Diagnosed)); // The abnormal run began long before.
        board.Report(Progress("breach", 0, IncidentPhase.Diagnosed));
        var beforeTheEntry = board.Incidents.Single().DetectedAt;
        board.Add(Records[0]);

        Assert.That(beforeTheEntry, Is.EqualTo(Records[0].Time.Detected));
        Assert.That(board.Incidents.Single().DetectedAt, Is.EqualTo(Records[0].Time.Detected));
    }

    [Test]
    public void Incidents_Several_NewestFirst()
    {
        var board = BoardOf(Records[0], Records[0] with { IncidentId = "later", Sequence = 2 });

        Assert.That(board.Incidents.Select(static i => i.IncidentId), Is.EqualTo(new[] { "later", Id }));
    }

    private static IncidentBoard BoardOf(params LedgerRecord[] records) =>
        new(new Restored(null!, records, null!)); // The board reads the records only.

    private static IncidentProgress Progress(string what, int seconds, IncidentPhase phase) => new(
        Id, "payments", phase, Records[0].Time.Detected!.Value.AddSeconds(seconds), what, "text"); // A decision has it.
}
