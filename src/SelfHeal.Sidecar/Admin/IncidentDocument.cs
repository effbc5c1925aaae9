using System.Collections.Immutable;

namespace SelfHeal.Sidecar.Admin;

/// <summary>What is shown of one incident.</summary>
/// <param name="Summary">Its line in the list.</param>
/// <param name="Record">The decision record as UTF-8 JSON in the article's shape; passed on byte for byte.</param>
/// <param name="Timeline">What happened, oldest first.</param>
/// <param name="Narrative">The text that the template rendered from the record.</param>
internal sealed record IncidentDocument(
    IncidentSummary Summary,
    ReadOnlyMemory<byte> Record,
    ImmutableArray<TimelineEntry> Timeline,
    string Narrative);
