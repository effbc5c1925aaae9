using System.Collections.Immutable;
using SelfHeal.Core.Actions;
using SelfHeal.Core.Control;
using SelfHeal.Core.Diagnosis;
using SelfHeal.Core.Narrative;
using SelfHeal.Core.Records;
using SelfHeal.Core.Time;
using SelfHeal.Core.Topology;

namespace SelfHeal.Core.Remediation;

/// <summary>Puts records together. It decides nothing: every field is given.</summary>
/// <param name="options">Who decides, under which policy.</param>
internal sealed class RecordFactory(ControlLoopOptions options)
{
    /// <summary>The blocks that every entry has, linked to the incident's entries so far.</summary>
    public LedgerRecord Create(long sequence, RecordType type, Incident incident, int ring, ControlTime now) => new()
    {
        Sequence = sequence,
        Type = type,
        IncidentId = incident.Id,
        Service = incident.Service,
        Parents = incident.Records.Count == 0 ? [] : [incident.Records[^1].Sequence],
        Authority = new AuthorityBlock(
            Actor: "selfheal",
            options.Instance,
            options.SoftwareVersion,
            options.Policy.Version,
            options.Policy.Hash,
            options.Policy.ApprovedBy,
            ring,
            incident.IsBlind ? 0 : options.Policy.CeilingOf(incident.Service)),
        Time = new TimeBlock
        {
            Onset = incident.OnsetAt,
            Detected = incident.DetectedAt,
            Decided = now.Wall,
            Appended = incident.Action?.Appended?.Wall,
            Executed = incident.Action?.Pushed?.Wall,
            Acknowledged = incident.Action?.Acknowledged?.Wall,
        },
    };

    /// <summary>Seals the prose of the incident with this entry into it.</summary>
    public static LedgerRecord Seal(LedgerRecord record, Incident incident) =>
        incident.Records.All(static r => r.Conclusion is null) && record.Conclusion is null
            ? record
            : record with { Narrative = NarrativeRenderer.Seal([.. incident.Records, record]) };

    public static ConclusionBlock Conclude(RankedDiagnosis diagnosis, Incident incident) => new(
        Wording.Cause(diagnosis.Leading, incident.Service),
        WeightTable.ClassOf(diagnosis.Leading.Kind),
        diagnosis.Hypotheses,
        diagnosis.MarginDecibans,
        diagnosis.WeightsVersion,
        diagnosis.Calibrated ? "calibrated" : "uncalibrated",
        [.. incident.Falsified.Order()]);

    public static ImmutableArray<AlternativeBlock> Alternatives(
        ImmutableArray<CandidateAction> candidates, CandidateAction chosen, ServiceScope scope) =>
        [.. candidates.Select(candidate => new AlternativeBlock(
            candidate.Kind,
            candidate.Description,
            Weights(candidate.Overlay, scope),
            candidate.Ring,
            candidate.Risk,
            candidate.Risk.RiskPpm,
            candidate.Reversible,
            candidate.DropsInFlight,
            ReferenceEquals(candidate, chosen),
            candidate.Refusals))];

    public static SafetyBlock Safety(
        CandidateAction action, ServiceScope scope, ServiceEvidence evidence, int proxies, int actionsTaken)
    {
        return new SafetyBlock(
            action.Risk.BlastRadiusPpm,
            proxies,
            evidence.ReceiverTrialsPerSecondMillis,
            LoadFactorPpm(scope, evidence.Suspect),
            "A shift of weights changes where new requests go: none in flight is dropped, none is repeated.",
            actionsTaken);
    }

    /// <summary>How much more the siblings get when the suspect gets nothing; 0 where there is no sibling.</summary>
    public static long LoadFactorPpm(ServiceScope scope, VersionShare? suspect)
    {
        var total = scope.Versions.Sum(static v => (long)v.Weight);
        var rest = total - (suspect?.Weight ?? 0);
        return rest > 0 ? total * 1_000_000 / rest : 0;
    }

    public static ExecutionBlock Execution(WeightOverlay overlay, ServiceScope scope, string beforeHash) => new()
    {
        Overlay = overlay,
        Before = [.. scope.Shared.Select(static v => new VersionWeight(v.Version, v.Cluster, v.Weight))],
        After = Weights(overlay, scope),
        RollbackPlan = $"withdraw overlay {overlay.Id}: the route's own bytes are pushed again",
        RollbackContract = "every proxy acknowledges the route's own content (equal hash), and for 2 flushes no "
            + "version except the relieved one is in breach",
        BeforeHash = beforeHash,
    };

    private static ImmutableArray<VersionWeight> Weights(WeightOverlay? overlay, ServiceScope scope) => overlay is null
        ? []
        : [.. overlay.Weights.Select(weight => new VersionWeight(
            scope.Versions.First(v => v.Cluster == weight.Cluster).Version, weight.Cluster, weight.Weight))];
}
