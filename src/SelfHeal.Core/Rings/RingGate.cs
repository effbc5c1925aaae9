using System.Collections.Immutable;
using SelfHeal.Core.Actions;
using SelfHeal.Core.Detection;
using SelfHeal.Core.Diagnosis;

namespace SelfHeal.Core.Rings;

/// <summary>
/// Decides whether an action may run by itself. It collects every reason against, so that the record says all of them.
/// </summary>
public static class RingGate
{
    /// <summary>Every reason why a ring 1 action on <paramref name="situation"/> may not run by itself.</summary>
    /// <param name="policy">What the operators allow.</param>
    /// <param name="diagnosis">The ranked causes.</param>
    /// <param name="addresses">The cause that the action addresses.</param>
    /// <param name="ring">The ring of the action and its scope.</param>
    /// <param name="risk">Its score.</param>
    /// <param name="situation">What stands beside the diagnosis.</param>
    public static ImmutableArray<ReasonCode> Refusals(
        RemediationPolicy policy,
        RankedDiagnosis diagnosis,
        HypothesisKind addresses,
        int ring,
        RiskScore risk,
        GateSituation situation)
    {
        ArgumentNullException.ThrowIfNull(policy);
        ArgumentNullException.ThrowIfNull(diagnosis);
        ArgumentNullException.ThrowIfNull(situation);
        var leading = diagnosis.Leading;
        var refusals = ImmutableArray.CreateBuilder<ReasonCode>();
        Add(policy.Freeze, ReasonCode.Frozen);
        Add(!situation.LedgerAvailable, ReasonCode.LedgerUnavailable);
        Add(situation.ProxiesInScope == 0, ReasonCode.NoProxyInScope);
        Add(!situation.HasReceiver, ReasonCode.NoReceiver);
        Add(situation.ScopeBusy, ReasonCode.ScopeBusy);
        Add(situation.Routes > 1, ReasonCode.SeveralRoutes);
        Add(policy.CeilingOf(situation.Service) < ring, ReasonCode.RingCeiling);
        Add(situation.IsBlind && ring > 0, ReasonCode.BlindGrpc);
        Add(leading.Kind != addresses, ReasonCode.WrongForCause);
        Add(diagnosis.Hypotheses.Any(h => h.Kind == addresses && h.Falsified), ReasonCode.Falsified);
        Add(situation.ActionsTaken >= policy.ActionsPerIncident, ReasonCode.TooManyActions);
        Add(leading.LowerBoundPpm < policy.Ring1BarPpm, ReasonCode.ConfidenceBelowBar);
        Add(diagnosis.MarginDecibans < policy.MarginDecibans, ReasonCode.MarginTooSmall);
        Add(leading.PositiveGroups < 2 || !OwnBreach(diagnosis), ReasonCode.TooFewIndependentGroups);
        Add(situation.ReceiversInBreach, ReasonCode.ReceiverInBreach);
        Add(situation.LoadFactorPpm > policy.LoadFactorMaxPpm, ReasonCode.ReceiverOverload);
        Add(SiblingsFailAlike(diagnosis), ReasonCode.SiblingsFailAlike);
        Add(Contradicted(diagnosis, addresses), ReasonCode.DeterministicContradiction);
        Add(situation.PersistentFlushes < policy.PersistenceFlushes || !situation.HoldsInNewestFlush,
            ReasonCode.NotPersistent);
        Add(risk.RiskPpm > policy.Ring1MaxRiskPpm, ReasonCode.RiskTooHigh);
        Add(risk.IsVetoed, ReasonCode.StateSensitive);
        return refusals.ToImmutable();

        void Add(bool refused, ReasonCode reason)
        {
            if (refused)
                refusals.Add(reason);
        }
    }

    /// <summary>The contrast is one group; the version's own breach must be the other, not what merely fits.</summary>
    private static bool OwnBreach(RankedDiagnosis diagnosis) =>
        diagnosis.Evidence.Any(static e => e.Signal == Signal.VersionErrors && e.Verdict == Verdict.Breach);

    private static bool SiblingsFailAlike(RankedDiagnosis diagnosis) =>
        diagnosis.Evidence.Any(static e => e.Signal == Signal.VersionContrast && e.ContrastDecibans < 0);

    private static bool Contradicted(RankedDiagnosis diagnosis, HypothesisKind addresses) =>
        addresses != HypothesisKind.BadConfiguration
        && diagnosis.Evidence.Any(static e => e.Signal == Signal.UpdateRejected && e.Verdict == Verdict.Breach);
}
