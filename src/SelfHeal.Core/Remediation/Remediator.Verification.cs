using SelfHeal.Core.Contracts;
using SelfHeal.Core.Control;
using SelfHeal.Core.Detection;
using SelfHeal.Core.Diagnosis;
using SelfHeal.Core.Records;
using SelfHeal.Core.Series;
using SelfHeal.Core.Time;

namespace SelfHeal.Core.Remediation;

/// <content>Judging contracts, and what follows from their verdicts.</content>
internal sealed partial class Remediator
{
    // A rollback is judged on as many whole flushes as an action needs to be declared.
    private const int RollbackFlushes = 2;

    private ContractWatch NewWatch(OpenAction action, ControlTime now)
    {
        var ejections = action.Contract.Clusters.Sum(c => _fold.Window(c, Stat.OutlierEjectionsActive, 1).Sum);
        return new ContractWatch(action.Contract, _options.Detection, _detector.SeriesCount, now, ejections);
    }

    private void Judge(Incident incident, ControlTime now)
    {
        var watch = incident.Action!.Watch!; // Verifying means both.
        switch (watch.Verdict)
        {
            case ContractVerdict.Passed when Conclude(incident, RecordType.Resolved, watch, now):
                Report(incident, now.Wall, "passed", watch.Reason);
                _efficacy = _efficacy with { Resolved = _efficacy.Resolved + 1 };
                Enter(incident, IncidentPhase.Resolved, now, "resolved", watch.Reason);
                break;
            case ContractVerdict.Failed when Conclude(incident, RecordType.Rollback, watch, now):
                Report(incident, now.Wall, "failed", watch.Reason);
                _efficacy = _efficacy with { Failed = _efficacy.Failed + 1 };
                incident.BeginRollback();
                Enter(incident, IncidentPhase.RollingBack, now, "rollback_declared", watch.Reason);
                break;
            case ContractVerdict.Inconclusive:
                Conclude(incident, RecordType.Inconclusive, watch, now);
                HandOver(incident, now, watch.Reason);
                break;
            case ContractVerdict.Passed or ContractVerdict.Failed:
                HandOver(incident, now, $"{watch.Reason}, and the ledger cannot be written: held as it is");
                break;
        }
    }

    private bool Conclude(Incident incident, RecordType type, ContractWatch watch, ControlTime now)
    {
        if (!LedgerAvailable)
            return false;
        var record = _records.Create(_nextSequence, type, incident, ring: 1, now);
        Append(incident, record with
        {
            Time = record.Time with { Verified = now.Wall },
            Outcome = new OutcomeBlock(
                watch.Verdict, watch.Reason, watch.Samples, watch.LnTailMicroNats, HashEqual: null),
        });
        return true;
    }

    /// <summary>
    /// The rollback's own contract: the proxies hold the route's own content, and in the next flushes with traffic no
    /// version except the relieved one shows the effect. A flush without traffic says nothing.
    /// </summary>
    private void JudgeRollback(Incident incident, ControlTime now)
    {
        if (incident.RollbackAcknowledged is not { } acknowledged)
            return;
        var action = incident.Action!; // Rolling back means that there is one.
        for (; incident.NextRollbackBlock <= _fold.ClosedSequence; incident.NextRollbackBlock++)
        {
            if (!_fold.TryGetBlock(incident.NextRollbackBlock, out var block)
                || block.Start.MonotonicNanos < acknowledged.MonotonicNanos)
                continue;
            if (GuardFailing(action, block.Sequence) is { } failing)
            {
                ConcludeRollback(incident, ContractVerdict.Failed, failing, now);
                return;
            }

            if (HasTraffic(action, block.Sequence) && ++incident.RollbackBlocks == RollbackFlushes)
            {
                ConcludeRollback(
                    incident, ContractVerdict.Passed, "every proxy holds exactly what it held before the action", now);
                return;
            }
        }
    }

    private void ConcludeRollback(Incident incident, ContractVerdict verdict, string reason, ControlTime now)
    {
        var action = incident.Action!; // Rolling back means that there is one.
        var held = _routes.GetValueOrDefault(action.Overlay.RouteConfiguration).Held;
        var before = action.Decision.Execution!.BeforeHash; // A decision has one.

        // The source may have changed another part of the same resource meanwhile: then "as before" is not to be had.
        var hashEqual = held is not null && held.SourceHash == before;
        if (verdict == ContractVerdict.Passed && !hashEqual)
            reason = "every proxy holds the route's own content, which its source has changed since";
        if (LedgerAvailable)
        {
            Append(incident, _records.Create(_nextSequence, RecordType.RolledBack, incident, ring: 1, now) with
            {
                Outcome = new OutcomeBlock(verdict, reason, [], LnTailMicroNats: null, hashEqual),
            });
        }

        incident.Falsified = incident.Falsified.Add(HypothesisKind.VersionRegression);
        incident.Action = null;
        if (verdict == ContractVerdict.Passed)
            Enter(incident, IncidentPhase.RolledBack, now, "rolled_back", reason);
        else
            HandOver(incident, now, reason);
    }

    private bool HasTraffic(OpenAction action, long sequence) => action.Contract.Guards.Any(
        guard => _fold.Window(_fold.FindCluster(guard), Stat.UpstreamRqCompleted, 1, sequence).Sum > 0);

    private string? GuardFailing(OpenAction action, long sequence)
    {
        var judge = new LookJudge(_options.Detection);
        var terms = LookTerms.Declared(_options.Detection, LookKind.OwnWindow);
        foreach (var guard in action.Contract.Guards)
        {
            var id = _fold.FindCluster(guard);
            var flush = new LookInput(
                _fold.Window(id, Stat.UpstreamRq5xx, 1, sequence).Sum,
                _fold.Window(id, Stat.UpstreamRqCompleted, 1, sequence).Sum,
                0,
                0);
            if (flush.Total > 0 && judge.EffectHolds(LookKind.OwnWindow, flush, terms))
                return $"{guard} fails {flush.Events} of {flush.Total} responses after the rollback";
        }

        return null;
    }

    private void HandOver(Incident incident, ControlTime now, string reason)
    {
        Enter(incident, IncidentPhase.HandedOver, now, "handed_over", reason);
        Page(incident, $"{incident.Service}: {reason}");
    }
}
