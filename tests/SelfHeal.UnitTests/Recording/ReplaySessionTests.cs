using SelfHeal.Core.Control;
using SelfHeal.Core.Diagnosis;
using SelfHeal.Core.Records;
using SelfHeal.Core.Rings;
using SelfHeal.Core.Upstream;

namespace SelfHeal.UnitTests.Recording;

[TestFixture]
internal sealed class ReplaySessionTests
{
    [Test]
    public void Replay_OfAnIncident_GivesTheLedgersBytes()
    {
        using var recording = IncidentRecording.BadCanary();

        var (summary, records) = recording.Replay();

        Assert.That(recording.Gateway.Ledger.Select(static r => r.Type), Is.EqualTo(
            (RecordType[])[RecordType.Decision, RecordType.Executed, RecordType.Resolved]));
        Assert.That(IncidentRecording.Payloads(records), Is.EqualTo(recording.Ledger));
        Assert.That(summary.IsClean, Is.True);
        Assert.That(summary.Reproduced, Is.EqualTo(records.Count));
        Assert.That(summary.DivergedAt, Is.Null);
        Assert.That(records.Select(static r => r.AfterDivergence), Is.All.False);
    }

    [Test]
    public void Replay_OfARollback_GivesTheLedgersBytes()
    {
        using var recording = IncidentRecording.WrongGuess();

        var (summary, records) = recording.Replay();

        Assert.That(records.Select(static r => r.Record.Type), Is.SupersetOf(
            (RecordType[])[RecordType.Rollback, RecordType.RolledBack, RecordType.Recommendation]));
        Assert.That(IncidentRecording.Payloads(records), Is.EqualTo(recording.Ledger));
        Assert.That(summary.IsClean, Is.True);
    }

    [Test]
    public void Replay_OfReportsOfTheUpstream_GivesTheLedgersBytes()
    {
        using var recording = IncidentRecording.Begin(20, 4);
        recording.Gateway.Post(new ControlEvent.UpstreamReported(
            new UpstreamReport(UpstreamAnswer.Read, 10_000, [new("cds", 2)], 1, 0, 3, 8, 1, 100, 4)));
        recording.Run(0.3, static g => g.Phase == IncidentPhase.Resolved);
        recording.Complete();

        var (summary, records) = recording.Replay();

        Assert.That(
            records[0].Record.Evidence!.Value.Select(static e => e.Signal),
            Is.SupersetOf((Signal[])[Signal.UpstreamRejections, Signal.UpstreamPushFailures]));
        Assert.That(IncidentRecording.Payloads(records), Is.EqualTo(recording.Ledger));
        Assert.That(summary.IsClean, Is.True, summary.Difference);
    }

    [Test]
    public void Replay_OfARefusedEntry_TellsTheLoopSo()
    {
        using var recording = IncidentRecording.Begin(20, 4);
        recording.Gateway.LedgerIsFull = true;
        recording.Run(0.3, static g => g.Timeline.Exists(static t => t.Event == "refused"));
        recording.Gateway.LedgerIsFull = false;
        recording.Gateway.RunUntil(() => recording.Gateway.Phase == IncidentPhase.Resolved, 80);
        recording.Complete();

        var (summary, records) = recording.Replay();

        Assert.That(records, Is.Not.Empty);
        Assert.That(IncidentRecording.Payloads(records), Is.EqualTo(recording.Ledger));
        Assert.That(summary.IsClean, Is.True, summary.Difference);
    }

    [Test]
    public void Replay_ByALoopThatDecidesOtherwise_SaysWhereTheFirstDifferenceIs()
    {
        // As another version would do it: what was recorded came of options that the recording does not name.
        using var recording = IncidentRecording.Begin(
            20, 4, static told => With(told, told.Policy with { Version = "2" }));
        recording.Run(0.3, static g => g.Phase == IncidentPhase.Resolved);
        recording.Complete();

        var (summary, records) = recording.Replay();

        Assert.That(summary.IsClean, Is.False);
        Assert.That(summary.Difference, Does.Match("^2026-04-12T03:18:.*Z: entry 1 \\(Decision of ing-2026-0412-.*"
            + "\\) is not the same from byte [0-9]+ on: recorded `.*`, replayed `.*`$"));
        Assert.That(records, Has.Count.EqualTo(3));
        Assert.That(summary.DivergedAt, Is.Null);
    }

    [Test]
    public void Replay_WithARingOfZero_RecommendsAndSaysFromWhereTheTelemetryIsOfAnotherWorld()
    {
        using var recording = IncidentRecording.BadCanary();

        var (summary, records) = recording.Replay(request => request with
        {
            WhatIf = static recorded => With(recorded, recorded.Policy with { ServiceRings = [] }),
        });

        Assert.That(records[0].Record.Type, Is.EqualTo(RecordType.Recommendation));
        Assert.That(records[0].AfterDivergence, Is.False, "decided on what was measured");
        Assert.That(records.Skip(1).Select(static r => r.AfterDivergence), Is.All.True);
        Assert.That(summary.DivergedAt, Is.Not.Null);
        Assert.That(summary.Divergence, Does.StartWith("the recorded loop lays "));
        Assert.That(summary.Divergence, Does.EndWith("this one does nothing"));
        Assert.That(summary.NotCompared, Is.Not.Empty);
    }

    [Test]
    public void Replay_WithAnotherPolicyThatDoesTheSame_TakesTheRecordedAnswers()
    {
        using var recording = IncidentRecording.BadCanary();

        var (summary, records) = recording.Replay(request => request with
        {
            WhatIf = static recorded => With(recorded, recorded.Policy with { Version = "2", MarginDecibans = 5 }),
        });

        Assert.That(summary.DivergedAt, Is.Null);
        Assert.That(records.Select(static r => r.Record.Type), Is.EqualTo(
            (RecordType[])[RecordType.Decision, RecordType.Executed, RecordType.Resolved]));
        Assert.That(
            records.Select(static r => r.Record.Time.Acknowledged),
            Is.EqualTo(recording.Gateway.Ledger.Select(static r => r.Time.Acknowledged)));
    }

    [Test]
    public void Replay_OfARecommendationWithARingOfOne_ActsInASimulatedWorld()
    {
        using var recording = IncidentRecording.Begin(20, 4);
        recording.Gateway.ProxyRejects = "not this one"; // The recorded world says no; the simulated one does not.
        recording.Run(0.3, static g => g.Phase == IncidentPhase.HandedOver);
        recording.Complete();
        var (_, recorded) = recording.Replay();
        Assert.That(recorded.Select(static r => r.Record.Type), Does.Contain(RecordType.Rejected));

        var delay = TimeSpan.FromMilliseconds(250);
        var (summary, records) = recording.Replay(request => request with
        {
            AcknowledgeDelay = delay,
            WhatIf = static options => With(options, options.Policy with { PersistenceFlushes = 1 }),
        });

        var executed = records.Find(static r => r.Record.Type == RecordType.Executed);
        Assert.That(summary.DivergedAt, Is.Not.Null, "the other policy acts earlier");
        Assert.That(executed, Is.Not.Null);
        Assert.That(
            executed.Record.Time.Acknowledged - executed.Record.Time.Executed, Is.GreaterThanOrEqualTo(delay));
        Assert.That(executed.Record.Execution?.AcknowledgedHash, Does.StartWith("simulated: "));
        Assert.That(executed.AfterDivergence, Is.True);
    }

    [Test]
    public void Replay_FromATime_BeginsAtAKeyAndComparesNothing()
    {
        using var recording = IncidentRecording.Begin(stepsPerChunk: 6, chunksPerKey: 2);
        recording.Gateway.RunUntil(static () => false, 60);
        recording.Run(0.3, static g => g.Phase == IncidentPhase.Resolved);
        recording.Complete();
        var decided = recording.Gateway.Ledger[0].Time.Decided;
        var resolved = recording.Gateway.Ledger[^1].Time.Decided;

        var (summary, records) = recording.Replay(request => request with { From = decided });
        var (toTheEnd, all) = recording.Replay(request => request with { To = resolved.AddSeconds(-1) });

        Assert.That(summary.NotCompared, Does.Contain("does not begin"));
        Assert.That(summary.Notes, Has.Some.Contains("a new control loop begins here, with the ledger as it was"));
        Assert.That(summary.Steps, Is.LessThan(150), "three steps per flush of 5 s, from two minutes before");
        Assert.That(records.Select(static r => r.Record.Type), Is.EqualTo(
            (RecordType[])[RecordType.Decision, RecordType.Executed, RecordType.Resolved]));
        Assert.That(toTheEnd.IsClean, Is.True);
        Assert.That(all.Select(static r => r.Record.Type), Is.EqualTo(
            (RecordType[])[RecordType.Decision, RecordType.Executed]));
    }

    [Test]
    public void Replay_OfALostChunk_GoesOnAtTheNextKey()
    {
        using var recording = IncidentRecording.Begin(stepsPerChunk: 10, chunksPerKey: 3);
        recording.IsLost = static chunk => chunk == 1;
        recording.Run(0.3, static g => g.Phase == IncidentPhase.Resolved);
        recording.Complete();

        var (summary, records) = recording.Replay();

        Assert.That(summary.Failure, Is.Empty);
        Assert.That(summary.NotCompared, Is.Not.Empty);
        Assert.That(summary.Notes, Has.Some.Contains("a new control loop begins here"));
        Assert.That(records.Select(static r => r.Record.Type).First(), Is.EqualTo(RecordType.Resumed),
            "the decision is in the ledger of the lost chunk's successor");
    }

    private static ControlLoopOptions With(ControlLoopOptions recorded, RemediationPolicy policy) => new()
    {
        Instance = recorded.Instance,
        SoftwareVersion = recorded.SoftwareVersion,
        Policy = policy,
        Telemetry = recorded.Telemetry,
        Detection = recorded.Detection,
    };
}
