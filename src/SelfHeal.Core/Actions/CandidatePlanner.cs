using System.Collections.Immutable;
using SelfHeal.Core.Diagnosis;
using SelfHeal.Core.Remediation;
using SelfHeal.Core.Rings;
using SelfHeal.Core.Topology;

namespace SelfHeal.Core.Actions;

/// <summary>
/// Lists what could be done about a diagnosis, scores every candidate, and asks the gate about each. Doing nothing is
/// always among them; the list is ordered by risk, doing nothing first among equals.
/// </summary>
public static class CandidatePlanner
{
    private const int Million = 1_000_000;

    /// <summary>Until recoveries without an action have been counted, one breach in ten is taken to pass by itself.
    /// </summary>
    private const int DeclaredSelfRecoveryPpm = 100_000;

    /// <summary>Plans the candidates.</summary>
    /// <param name="incidentId">The incident that they answer.</param>
    /// <param name="overlayId">The id for a new overlay.</param>
    /// <param name="split">The split as declared, or null where no route of RDS splits the service.</param>
    /// <param name="blamed">The version that the evidence points at, or null.</param>
    /// <param name="diagnosis">The ranked causes.</param>
    /// <param name="efficacy">What shifting traffic has achieved against its cause so far.</param>
    /// <param name="policy">What the operators allow.</param>
    /// <param name="situation">What stands beside the diagnosis.</param>
    public static ImmutableArray<CandidateAction> Plan(
        string incidentId,
        string overlayId,
        TrafficSplit? split,
        VersionShare? blamed,
        RankedDiagnosis diagnosis,
        Efficacy efficacy,
        RemediationPolicy policy,
        GateSituation situation)
    {
        ArgumentNullException.ThrowIfNull(diagnosis);
        var isShared = split is not null && blamed is not null
            && split.Versions.Any(version => version.Cluster == blamed.Cluster);
        var blamedShare = isShared ? SharePpm(split!, blamed!) : Million; // Both are there if it is shared.
        var candidates = ImmutableArray.CreateBuilder<CandidateAction>();
        candidates.Add(DoNothing(diagnosis, blamedShare));
        if (blamed is not null)
        {
            var overlay = isShared ? ShiftAway(incidentId, overlayId, split!, blamed) : null; // As above.
            var confidence = diagnosis.Hypotheses
                .First(static h => h.Kind == HypothesisKind.VersionRegression).CalibratedPpm;
            // A shift is taken back by one push (R 0) and neither drops nor repeats a request (S 0).
            var risk = new RiskScore(0, 0, blamedShare, confidence, efficacy.MeanPpm);
            var refusals = RingGate.Refusals(
                policy, diagnosis, HypothesisKind.VersionRegression, ring: 1, risk, situation);
            candidates.Add(new CandidateAction(
                ActionKind.ShiftTrafficWeights,
                overlay is null
                    ? $"shift traffic away from {blamed.Version}"
                    : $"shift all traffic of route {overlay.Route} away from {blamed.Version}",
                overlay,
                Ring: 1,
                risk,
                Reversible: true,
                DropsInFlight: false,
                // The siblings of a canary by header, or of a split in a listener, are known; its route is not ours.
                overlay is null ? refusals.Insert(0, ReasonCode.NoWritableSplit) : refusals));
        }

        return [.. candidates.OrderBy(static c => c.Risk.RiskPpm).ThenBy(static c => c.Kind)];
    }

    /// <summary>The weights of <paramref name="split"/> with nothing for <paramref name="blamed"/>: its weight goes to
    /// the siblings in proportion to theirs, the remainder to the largest, so that the sum stays what it was.</summary>
    /// <param name="split">The split as declared.</param>
    /// <param name="blamed">The version to relieve.</param>
    public static ImmutableArray<ClusterWeight> WeightsWithout(TrafficSplit split, VersionShare blamed)
    {
        ArgumentNullException.ThrowIfNull(split);
        ArgumentNullException.ThrowIfNull(blamed);
        var total = split.Versions.Sum(static v => (long)v.Weight);
        var rest = total - blamed.Weight;
        Invariant.Assert(rest > 0, "some sibling takes traffic");
        var weights = split.Versions
            .Select(v => v.Cluster == blamed.Cluster ? 0 : (uint)(v.Weight * total / rest))
            .Select((weight, i) => new ClusterWeight(split.Versions[i].Cluster, weight))
            .ToArray();
        var missing = total - weights.Sum(static w => (long)w.Weight);
        var largest = 0;
        for (var i = 1; i < weights.Length; i++)
        {
            if (weights[i].Weight > weights[largest].Weight)
                largest = i;
        }

        weights[largest] = weights[largest] with { Weight = (uint)(weights[largest].Weight + missing) };
        return [.. weights];
    }

    private static WeightOverlay ShiftAway(
        string incidentId, string overlayId, TrafficSplit split, VersionShare blamed)
    {
        var hasReceiver = split.Versions.Any(v => v.Cluster != blamed.Cluster && v.Weight > 0);
        var weights = hasReceiver
            ? WeightsWithout(split, blamed)
            : [.. split.Versions.Select(static v => new ClusterWeight(v.Cluster, v.Weight))];
        return new WeightOverlay(
            overlayId, incidentId, split.RouteConfiguration, split.VirtualHost, split.Route, weights);
    }

    private static CandidateAction DoNothing(RankedDiagnosis diagnosis, int failingSharePpm) => new(
        ActionKind.DoNothing,
        "do nothing and watch",
        Overlay: null,
        Ring: 0,
        new RiskScore(0, 0, failingSharePpm, diagnosis.Leading.CalibratedPpm, DeclaredSelfRecoveryPpm),
        Reversible: true,
        DropsInFlight: false,
        Refusals: []);

    private static int SharePpm(TrafficSplit split, VersionShare version)
    {
        var total = split.Versions.Sum(static v => (long)v.Weight);
        return total == 0 ? Million : (int)(version.Weight * (long)Million / total);
    }
}
