using System.Text.Json.Serialization;
using SelfHeal.Core.Remediation;
using SelfHeal.Sidecar.Overlays;

namespace SelfHeal.Sidecar.Admin;

/// <summary>One overlay of the running process.</summary>
/// <param name="Id">Overlays on one resource compose in the ordinal order of their ids.</param>
/// <param name="Carrier">What carries it: eds, rds, rtds or cds.</param>
/// <param name="Resource">The resource that it selects.</param>
/// <param name="Change">What it sets, in one line.</param>
/// <param name="Owner">Who laid it.</param>
/// <param name="Reason">Why.</param>
/// <param name="IncidentId">The incident that it answers.</param>
/// <param name="ExpiresAt">When it is withdrawn; for a change of the control loop, when a human is asked, and null
/// until every proxy has acknowledged it.</param>
/// <param name="State">Waiting, laid or refused.</param>
/// <param name="Problem">Why it is refused; empty otherwise.</param>
internal sealed record OverlayStatus(
    string Id,
    [property: JsonConverter(typeof(SnakeCaseEnumConverter<OverlayCarrier>))] OverlayCarrier Carrier,
    string Resource,
    string Change,
    string Owner,
    string Reason,
    string IncidentId,
    DateTimeOffset? ExpiresAt,
    [property: JsonConverter(typeof(SnakeCaseEnumConverter<OverlayState>))] OverlayState State,
    string Problem);
