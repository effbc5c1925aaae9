using System.Text.Json.Serialization;

namespace SelfHeal.Benchmarks.Figures;

/// <summary>One measured number.</summary>
/// <param name="Name">As the issue names it, such as <c>stats.decode.cursor</c>.</param>
/// <param name="Value">The number.</param>
/// <param name="Unit">Its unit.</param>
/// <param name="Note">On what, how often, and which of the rounds it is.</param>
internal sealed record Figure(
    [property: JsonPropertyName("figure")] string Name, double Value, string Unit, string Note);
