using System.Collections.Immutable;
using SelfHeal.Core.Remediation;

namespace SelfHeal.Core.Actions;

/// <summary>
/// One thing that could be done, scored, with the gate's answer. An action is not constructible without what undoes it:
/// <see cref="Overlay"/> is withdrawn, <see cref="ActionKind.DoNothing"/> has none.
/// </summary>
/// <param name="Kind">Which entry of the catalog.</param>
/// <param name="Description">What it would do, in the operator's words.</param>
/// <param name="Overlay">The change; null for <see cref="ActionKind.DoNothing"/>, and for what is refused because there
/// is nothing to lay it over (<see cref="ReasonCode.NoWritableSplit"/>).</param>
/// <param name="Ring">The ring of the action and its scope.</param>
/// <param name="Risk">Its five dimensions.</param>
/// <param name="Reversible">Whether one push takes it back.</param>
/// <param name="DropsInFlight">Whether a request in flight may be dropped.</param>
/// <param name="Refusals">Every reason why it may not run by itself; empty when the gate allows it.</param>
public sealed record CandidateAction(
    ActionKind Kind,
    string Description,
    WeightOverlay? Overlay,
    int Ring,
    RiskScore Risk,
    bool Reversible,
    bool DropsInFlight,
    ImmutableArray<ReasonCode> Refusals)
{
    /// <summary>The gate let it through.</summary>
    public bool Allowed => Refusals.IsEmpty;
}
