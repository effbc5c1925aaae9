using System.Text.Json.Serialization;
using SelfHeal.Core.Control;

namespace SelfHeal.Sidecar.Admin;

/// <summary>One line of the list of incidents.</summary>
/// <param name="IncidentId">The incident's id.</param>
/// <param name="Service">The service that suffers.</param>
/// <param name="Phase">How far it has come.</param>
/// <param name="DetectedAt">When it was detected, by the wall clock.</param>
/// <param name="Outcome">How it ended, in a few words; null while it is open.</param>
internal sealed record IncidentSummary(
    string IncidentId,
    string Service,
    [property: JsonConverter(typeof(SnakeCaseEnumConverter<IncidentPhase>))] IncidentPhase Phase,
    DateTimeOffset DetectedAt,
    string? Outcome);
