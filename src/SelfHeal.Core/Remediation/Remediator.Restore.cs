using SelfHeal.Core.Actions;
using SelfHeal.Core.Control;
using SelfHeal.Core.Diagnosis;
using SelfHeal.Core.Records;
using SelfHeal.Core.Time;

namespace SelfHeal.Core.Remediation;

/// <content>
/// Coming back after a stop or a crash: what was declared and not concluded is resumed, what was in force stays so.
/// </content>
internal sealed partial class Remediator
{
    /// <summary>The changes that must be in what is served first.</summary>
    public IEnumerable<WeightOverlay> InForce =>
        _incidents.Where(static i => i.Action is { InForce: true }).Select(static i => i.Action!.Overlay);

    /// <summary>Rebuilds the state from the ledger; called once, before anything is served.</summary>
    /// <param name="records">Every entry, in order.</param>
    /// <param name="now">The time of the start.</param>
    public void Restore(IReadOnlyList<LedgerRecord> records, ControlTime now)
    {
        Invariant.Assert(_incidents.Count == 0 && _nextSequence == 1, "a ledger is restored once, into a fresh loop");
        foreach (var group in records.GroupBy(static r => r.IncidentId, StringComparer.Ordinal))
        {
            var incident = Rebuild(group.Key, [.. group], now);
            _usedIds.Add(incident.Id);
            _efficacy = new Efficacy(
                _efficacy.Resolved + incident.Records.Count(static r => r.Type == RecordType.Resolved),
                _efficacy.Failed + incident.Records.Count(static r => r.Type == RecordType.Rollback));
            if (!incident.IsClosed || incident.Action is { InForce: true })
                _incidents.Add(incident);
        }

        _nextSequence = records.Count == 0 ? 1 : records[^1].Sequence + 1;
    }

    private static Incident Rebuild(string id, List<LedgerRecord> records, ControlTime now)
    {
        var first = records[0];
        var incident = new Incident(id, first.Service)
        {
            DetectedAt = first.Time.Detected ?? first.Time.Decided,
            OnsetAt = first.Time.Onset ?? first.Time.Decided,
        };
        foreach (var record in records)
        {
            incident.Add(record);
            Apply(incident, record, now);
        }

        return incident;
    }

    private static void Apply(Incident incident, LedgerRecord record, ControlTime now)
    {
        switch (record.Type)
        {
            case RecordType.Decision:
                incident.ActionsTaken++;
                // What was declared may have been pushed: it counts as in force until an entry says otherwise.
                incident.Action = new OpenAction(record)
                {
                    InForce = true,
                    Pushed = now,
                    Appended = now,
                    Resumed = true,
                };
                incident.Phase = IncidentPhase.Executing;
                break;
            case RecordType.Executed or RecordType.Resumed:
                var passed = now.Wall - record.Time.Decided;
                if (incident.Action is { } executed)
                    executed.ExpiresAt ??= now.Plus(executed.Contract.Expiry - passed);
                break;
            case RecordType.Resolved:
                incident.Phase = IncidentPhase.Resolved;
                break;
            case RecordType.Inconclusive or RecordType.Expired:
                incident.Phase = IncidentPhase.HandedOver;
                break;
            case RecordType.Rollback:
                incident.Phase = IncidentPhase.RollingBack;
                Invariant.Assert(incident.Action is not null, "a rollback follows a decision");
                incident.Action.InForce = false;
                incident.BeginRollback();
                break;
            case RecordType.RolledBack:
                incident.Falsified = incident.Falsified.Add(HypothesisKind.VersionRegression);
                incident.Action = null;
                incident.Phase = record.Outcome?.Verdict == Contracts.ContractVerdict.Passed
                    ? IncidentPhase.RolledBack
                    : IncidentPhase.HandedOver;
                break;
            case RecordType.Rejected or RecordType.StoodDown:
                incident.Action = null;
                incident.Phase = IncidentPhase.HandedOver;
                break;
            case RecordType.Recommendation:
                incident.Recommendations++;
                incident.LastRecommendation = record.Conclusion is { Hypotheses: [var leading, ..] }
                    ? $"{leading.Kind} {leading.Target}"
                    : "";
                incident.Phase = IncidentPhase.Recommended;
                break;
            case RecordType.Recovered:
                incident.Phase = IncidentPhase.Recovered;
                break;
        }
    }
}
