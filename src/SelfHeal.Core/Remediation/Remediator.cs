using System.Collections.Immutable;
using SelfHeal.Core.Actions;
using SelfHeal.Core.Contracts;
using SelfHeal.Core.Control;
using SelfHeal.Core.Detection;
using SelfHeal.Core.Diagnosis;
using SelfHeal.Core.Narrative;
using SelfHeal.Core.Records;
using SelfHeal.Core.Rings;
using SelfHeal.Core.Series;
using SelfHeal.Core.Time;
using SelfHeal.Core.Topology;

namespace SelfHeal.Core.Remediation;

/// <summary>
/// The state machine of all incidents: diagnose, choose, declare, execute, verify, resolve or roll back. Every write to
/// the world waits for its entry in the ledger; only the return of what a proxy has just rejected may run first.
/// </summary>
internal sealed partial class Remediator
{
    // A breach that stayed away for the longest window of detection is over.
    private const int QuietBlocksToRecover = 12;

    private readonly ControlLoopOptions _options;
    private readonly RecordFactory _records;
    private readonly TelemetryFold _fold;
    private readonly Detector _detector;
    private readonly List<Incident> _incidents = [];
    private readonly HashSet<string> _suspected = new(StringComparer.Ordinal);
    private readonly HashSet<string> _usedIds = new(StringComparer.Ordinal);
    private readonly Dictionary<string, RouteState> _routes = new(StringComparer.Ordinal);
    private readonly Dictionary<long, (Incident Incident, LedgerRecord Record)> _pending = [];
    private List<ControlEffect> _outbox = [];
    private Efficacy _efficacy;
    private long _nextSequence = 1;
    private GatewayTopology _topology = GatewayTopology.Empty;
    private ControlTime? _ledgerRetryAt;

    public Remediator(ControlLoopOptions options, TelemetryFold fold, Detector detector)
    {
        _options = options;
        _fold = fold;
        _detector = detector;
        _records = new RecordFactory(options);
    }

    /// <summary>Whether any incident is open.</summary>
    public bool IsAnythingOpen => _incidents.Exists(static i => !i.IsClosed);

    /// <summary>Whether an incident of a service is open.</summary>
    public bool IsOpen(string service)
    {
        foreach (var incident in _incidents)
        {
            if (!incident.IsClosed && string.Equals(incident.Service, service, StringComparison.Ordinal))
                return true;
        }

        return false;
    }

    /// <summary>Nothing about a service is even suspect.</summary>
    public void OnQuiet(ServiceScope scope) => _suspected.Remove(scope.Service);

    /// <summary>Where the effects of this step go.</summary>
    public void Begin(List<ControlEffect> outbox) => _outbox = outbox;

    /// <summary>Looks at one service after a block was closed.</summary>
    public void OnBlock(ServiceScope scope, ServiceEvidence evidence, ControlTime now)
    {
        var incident = _incidents.Find(i => i.Service == scope.Service && !i.IsClosed);
        if (incident is null)
        {
            if (!evidence.Breached)
            {
                Suspect(scope, evidence);
                return;
            }

            incident = Open(scope, evidence, now);
        }

        incident.IsBlind = scope.IsBlind(_fold);

        // A block without traffic says neither that it goes on nor that it is over.
        if (evidence.Breached)
            incident.QuietBlocks = 0;
        else if (evidence.IsMeasured)
            incident.QuietBlocks++;
        switch (incident.Phase)
        {
            case IncidentPhase.Diagnosed or IncidentPhase.Recommended or IncidentPhase.RolledBack
                when incident.QuietBlocks >= QuietBlocksToRecover:
            case IncidentPhase.HandedOver
                when incident.QuietBlocks >= QuietBlocksToRecover && incident.Action is not { InForce: true }:
                Recover(incident, now);
                break;
            case IncidentPhase.HandedOver:
                incident.IsParked = incident.QuietBlocks >= QuietBlocksToRecover;
                break;
            case IncidentPhase.Diagnosed or IncidentPhase.Recommended or IncidentPhase.RolledBack:
                Consider(incident, scope, evidence, now);
                break;
            case IncidentPhase.Verifying:
                incident.Action!.Watch!.OnBlocks(_fold, now); // Verifying means both.
                Judge(incident, now);
                break;
            case IncidentPhase.RollingBack:
                JudgeRollback(incident, now);
                break;
        }
    }

    /// <summary>Starts diagnosis and tells what it thinks, once for each run of suspicion; nothing else may come of it.
    /// </summary>
    private void Suspect(ServiceScope scope, ServiceEvidence evidence)
    {
        if (evidence.Suspicion is not { } suspicion || !_suspected.Add(scope.Service))
            return;
        var diagnosis = Diagnostician.Diagnose(scope.Service, evidence.Suspect?.Version, evidence.Items, []);
        var cause = Wording.LikeliestCause(diagnosis.Leading, scope.Service);
        _outbox.Add(new ControlEffect.Suspect(scope.Service, $"{Wording.Evidence(suspicion)}; {cause}"));
    }

    private Incident Open(ServiceScope scope, ServiceEvidence evidence, ControlTime now)
    {
        var onset = evidence.Onset?.Wall ?? now.Wall;
        var incident = new Incident(NewId(now), scope.Service) { DetectedAt = now.Wall, OnsetAt = onset };
        _incidents.RemoveAll(i => i.IsClosed
            && i.Action is not { InForce: true }
            && !_pending.Values.Any(p => ReferenceEquals(p.Incident, i)));
        _incidents.Add(incident);
        Report(incident, onset, "onset", "start of the abnormal run");
        var breach = evidence.Items.FirstOrDefault(static e => e.Verdict == Verdict.Breach);
        if (evidence.FirstFlush is { } first)
            Report(incident, first.Wall, "flush", "the first flush in which the effect held alone");
        Report(
            incident,
            now.Wall,
            "breach",
            breach is null ? $"{scope.Service} left its normal range" : Wording.Evidence(breach));
        return incident;
    }

    private string NewId(ControlTime now)
    {
        var stem = $"ing-{now.Wall.UtcDateTime:yyyy-MMdd-HHmm}";
        var id = stem;
        for (var i = 2; !_usedIds.Add(id); i++)
            id = $"{stem}-{i}";
        return id;
    }

    private void Consider(Incident incident, ServiceScope scope, ServiceEvidence evidence, ControlTime now)
    {
        if (!evidence.Breached)
            return;
        if (evidence.PersistentFlushes >= _options.Policy.PersistenceFlushes && !incident.PersistenceReported)
        {
            incident.PersistenceReported = true;
            Report(incident, now.Wall, "persistent", $"the effect held in {evidence.PersistentFlushes} flushes alone");
        }

        var diagnosis = Diagnostician.Diagnose(
            scope.Service, evidence.Suspect?.Version, evidence.Items, incident.Falsified);
        var split = scope.Splits.FirstOrDefault();
        var candidates = CandidatePlanner.Plan(
            incident.Id,
            $"{incident.Id}/{incident.ActionsTaken + 1}",
            split,
            evidence.Suspect,
            diagnosis,
            _efficacy,
            _options.Policy,
            Situation(incident, scope, evidence, split));
        var chosen = candidates.First(static c => c.Allowed);
        if (chosen.Kind != ActionKind.DoNothing)
            Declare(incident, scope, evidence, diagnosis, candidates, chosen, now);
        else if (IsPersistent(evidence.PersistentFlushes, evidence.HoldsInNewestFlush)
            || IsPersistent(evidence.OtherPersistentFlushes, evidence.OtherHoldsInNewestFlush))
            Recommend(incident, scope, evidence, diagnosis, candidates, chosen, now);
    }

    private bool IsPersistent(int flushes, bool holdsInNewest) =>
        flushes >= _options.Policy.PersistenceFlushes && holdsInNewest;

    private GateSituation Situation(
        Incident incident, ServiceScope scope, ServiceEvidence evidence, TrafficSplit? split)
    {
        var route = split is null ? null : _routes.GetValueOrDefault(split.RouteConfiguration).Held;
        var busy = split is not null && _incidents.Exists(i => i.Action is { InForce: true } action
            && action.Overlay.RouteConfiguration == split.RouteConfiguration
            && action.Overlay.VirtualHost == split.VirtualHost
            && action.Overlay.Route == split.Route);
        return new GateSituation(
            scope.Service,
            route?.Subscribed ?? 0,
            scope.Splits.Length,
            scope.Versions.Any(v => v.Cluster != evidence.Suspect?.Cluster && v.Weight > 0)
                && evidence.ReceiverTrialsPerSecondMillis > 0,
            busy,
            incident.ActionsTaken,
            evidence.PersistentFlushes,
            evidence.HoldsInNewestFlush,
            evidence.ReceiversInBreach,
            RecordFactory.LoadFactorPpm(scope, evidence.Suspect),
            LedgerAvailable)
        {
            IsBlind = incident.IsBlind,
        };
    }

    private void Declare(
        Incident incident,
        ServiceScope scope,
        ServiceEvidence evidence,
        RankedDiagnosis diagnosis,
        ImmutableArray<CandidateAction> candidates,
        CandidateAction chosen,
        ControlTime now)
    {
        var overlay = chosen.Overlay!; // Only doing nothing has none.
        var route = _routes[overlay.RouteConfiguration].Held; // The gate wants a proxy that holds it.
        var record = _records.Create(_nextSequence, RecordType.Decision, incident, chosen.Ring, now) with
        {
            Evidence = evidence.Items,
            Conclusion = RecordFactory.Conclude(diagnosis, incident),
            Alternatives = RecordFactory.Alternatives(candidates, chosen, scope),
            Safety = RecordFactory.Safety(chosen, scope, evidence, route.Subscribed, incident.ActionsTaken),
            Contract = Contract(scope, evidence),
            Execution = RecordFactory.Execution(overlay, scope, route.SourceHash),
        };
        incident.ActionsTaken++;
        incident.Action = new OpenAction(record);
        Enter(incident, IncidentPhase.Declared, now, "declared", chosen.Description);
        Append(incident, record);
    }

    private VerificationContract Contract(ServiceScope scope, ServiceEvidence evidence)
    {
        var policy = _options.Policy.Contract;
        return new VerificationContract(
            scope.Service,
            // What the shift does not move (another route's canary) must neither fail nor pass it.
            [.. scope.Shared.Select(static v => v.Cluster)],
            [.. scope.Shared.Where(v => v.Cluster != evidence.Suspect?.Cluster).Select(static v => v.Cluster)],
            policy.BadRatioPpm,
            policy.AlphaPpm,
            policy.ShapeMicros,
            policy.CorrelationTime,
            ClearTest.CleanTotalNeeded(
                policy.BadRatioPpm / 1e6, policy.ShapeMicros / 1e6, policy.AlphaPpm / 1e6),
            policy.Window,
            policy.Deadline,
            policy.Expiry,
            policy.MaxErrorsPerSecondMillis,
            policy.NoNewEjections);
    }

    private void Recommend(
        Incident incident,
        ServiceScope scope,
        ServiceEvidence evidence,
        RankedDiagnosis diagnosis,
        ImmutableArray<CandidateAction> candidates,
        CandidateAction chosen,
        ControlTime now)
    {
        var leading = $"{diagnosis.Leading.Kind} {diagnosis.Leading.Target}";
        if (leading == incident.LastRecommendation || incident.Recommendations >= Incident.RecommendationLimit)
            return;
        incident.LastRecommendation = leading;
        incident.Recommendations++;
        var cause = Wording.LikeliestCause(diagnosis.Leading, scope.Service);
        var advice = Advice(diagnosis.Leading.Kind) + (incident.IsBlind ? $"; {Wording.BlindAdvice}" : "");
        var record = _records.Create(_nextSequence, RecordType.Recommendation, incident, ring: 0, now) with
        {
            Evidence = evidence.Items,
            Conclusion = RecordFactory.Conclude(diagnosis, incident),
            Alternatives = RecordFactory.Alternatives(candidates, chosen, scope),
            Outcome = Unjudged(advice),
        };
        Enter(incident, IncidentPhase.Recommended, now, "recommended", cause);
        if (LedgerAvailable)
            Append(incident, record);
        Page(incident, $"{scope.Service}: {cause}; nothing was changed, {advice}");
    }

    /// <summary>What a human is advised to look at: the class of the cause decides what can help.</summary>
    private static string Advice(HypothesisKind kind) => WeightTable.ClassOf(kind) switch
    {
        FailureClass.Configuration => "roll back what changed in the gateway's configuration",
        FailureClass.Capacity => "scale out or shed load; do not restart",
        FailureClass.Dependency when kind == HypothesisKind.RegressionOfAllVersions =>
            "look for what all versions share: a dependency, a data store, a common release",
        FailureClass.Dependency => "relieve or replace the failing members; do not restart the gateway",
        _ => "the evidence fits no known cause",
    };

    private void Recover(Incident incident, ControlTime now)
    {
        if (LedgerAvailable && incident.Records.Count > 0)
            Append(incident, _records.Create(_nextSequence, RecordType.Recovered, incident, ring: 0, now));
        Enter(incident, IncidentPhase.Recovered, now, "recovered", "back in its normal range");
    }

    private void Append(Incident incident, LedgerRecord record)
    {
        var missing = RecordCompleteness.Missing(record);
        Invariant.Assert(missing.Count == 0, $"a record is complete; missing: {string.Join(", ", missing)}");
        var complete = RecordFactory.Seal(record, incident);
        incident.Add(complete);
        _pending.Add(_nextSequence, (incident, complete));
        _nextSequence++;
        _outbox.Add(new ControlEffect.AppendRecord(complete));
    }

    private void Enter(Incident incident, IncidentPhase phase, ControlTime now, string what, string text)
    {
        incident.Phase = phase;
        Report(incident, now.Wall, what, text);
    }

    private void Report(Incident incident, DateTimeOffset at, string what, string text) =>
        _outbox.Add(new ControlEffect.Report(
            new IncidentProgress(incident.Id, incident.Service, incident.Phase, at, what, text)));

    private void Page(Incident incident, string text) => _outbox.Add(new ControlEffect.Page(incident.Id, text));
}
