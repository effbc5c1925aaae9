using System.Collections.Immutable;
using SelfHeal.Core.Actions;

namespace SelfHeal.Core.Records;

/// <summary>One candidate, with the gate's answer.</summary>
/// <param name="Action">Which entry of the catalog.</param>
/// <param name="Description">What it would do.</param>
/// <param name="Weights">The weights it would set, by version; empty for doing nothing.</param>
/// <param name="Ring">The ring of the action and its scope.</param>
/// <param name="Risk">The five dimensions.</param>
/// <param name="RiskPpm">The score.</param>
/// <param name="Reversible">Whether one push takes it back.</param>
/// <param name="DropsInFlight">Whether a request in flight may be dropped.</param>
/// <param name="Chosen">It was chosen.</param>
/// <param name="Refusals">Every reason against; empty when the gate allows it.</param>
public sealed record AlternativeBlock(
    ActionKind Action,
    string Description,
    ImmutableArray<VersionWeight> Weights,
    int Ring,
    RiskScore Risk,
    int RiskPpm,
    bool Reversible,
    bool DropsInFlight,
    bool Chosen,
    ImmutableArray<ReasonCode> Refusals);
