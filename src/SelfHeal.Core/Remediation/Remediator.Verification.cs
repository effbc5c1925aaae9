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

    private void JudgeDeadline(Incident incident, OpenAction action, ControlTime now)
    {
        action.Watch!.OnTick(now); // Verifying means that there is a watch.
        Judge(incident, now);
    }

    private void Judge(Incident incident, ControlTime now)
    {
        var watch = incident.Action!.Watch!; // Verifying means both.
        switch (watch.Verdict)
        {
            case ContractVerdict.Passed:
                Conclude(incident, RecordType.Resolved, watch, now);
                Report(incident, now.Wall, "passed", watch.Reason);
                _efficacy = _efficacy with { Resolved = _efficacy.Resolved + 1 };
                Enter(incident, IncidentPhase.Resolved, now, "resolved", watch.Reason);
                break;
            case ContractVerdict.Failed:
                Report(incident, now.Wall, "failed", watch.Reason);
                _efficacy = _efficacy with { Failed = _efficacy.Failed + 1 };
                if (!Conclude(incident, RecordType.Rollback, watch, now))
                {
                    HandOver(incident, now, "the contract failed and the ledger cannot be written: held as it is");
                    break;
                }

                incident.RollbackBlocks = 0;
                incident.RollbackAcknowledged = null;
                Enter(incident, IncidentPhase.RollingBack, now, "rollback_declared", watch.Reason);
                break;
            case ContractVerdict.Inconclusive:
                Conclude(incident, RecordType.Inconclusive, watch, now);
                HandOver(incident, now, watch.Reason);
                break;
        }
    }

    private bool Conclude(Incident incident, RecordType type, ContractWatch watch, ControlTime now)
    {
        if (!_ledgerAvailable)
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

    private void JudgeRollback(Incident incident, ControlTime now)
    {
        if (incident.RollbackAcknowledged is not { } acknowledged
            || !_fold.TryGetBlock(_fold.ClosedSequence, out var block)
            || block.Start.MonotonicNanos < acknowledged.MonotonicNanos
            || ++incident.RollbackBlocks < RollbackFlushes)
            return;
        var action = incident.Action!; // Rolling back means that there is one.
        var held = _routes[action.Overlay.RouteConfiguration];
        var hashEqual = held.ContentHash == action.Decision.Execution!.BeforeHash; // A decision has one.
        var guard = GuardFailing(action);
        var good = hashEqual && guard is null;
        var reason = !hashEqual
            ? $"the proxies hold {held.ContentHash}, before the action it was {action.Decision.Execution.BeforeHash}"
            : guard ?? "every proxy holds exactly what it held before the action";
        var record = _records.Create(_nextSequence, RecordType.RolledBack, incident, ring: 1, now) with
        {
            Outcome = new OutcomeBlock(
                good ? ContractVerdict.Passed : ContractVerdict.Failed, reason, [], LnTailMicroNats: null, hashEqual),
        };
        Append(incident, record);
        incident.Falsified = incident.Falsified.Add(HypothesisKind.VersionRegression);
        incident.Action = null;
        if (good)
            Enter(incident, IncidentPhase.RolledBack, now, "rolled_back", reason);
        else
            HandOver(incident, now, reason);
    }

    private string? GuardFailing(OpenAction action)
    {
        var judge = new LookJudge(_options.Detection);
        foreach (var guard in action.Contract.Guards)
        {
            var newest = new LookInput(
                _fold.Window(guard, Stat.UpstreamRq5xx, 1).Sum,
                _fold.Window(guard, Stat.UpstreamRqCompleted, 1).Sum,
                0,
                0);
            if (judge.EffectHolds(LookKind.OwnWindow, newest))
                return $"{guard} still fails {newest.Events} of {newest.Total} responses after the rollback";
        }

        return null;
    }

    private void HandOver(Incident incident, ControlTime now, string reason)
    {
        Enter(incident, IncidentPhase.HandedOver, now, "handed_over", reason);
        Page(incident, $"{incident.Service}: {reason}");
    }
}
