using System.Collections.Immutable;
using System.Text.Json;

namespace SelfHeal.Sidecar.Commands;

/// <summary>
/// Shows a decision record in the article's shape. Fields that are missing are left out and fields that it does not
/// know are ignored, so that an old command can show a newer record.
/// </summary>
/// <param name="environment">Where to.</param>
internal sealed class RecordView(CommandEnvironment environment)
{
    private readonly TableWriter _tables = new(environment);

    /// <summary>Writes narrative, evidence, hypothesis, candidates and verification.</summary>
    /// <param name="record">The record.</param>
    /// <param name="narrative">The text that the template rendered.</param>
    public void Write(JsonElement record, string narrative)
    {
        ArgumentNullException.ThrowIfNull(narrative);
        var output = environment.Out;
        output.WriteLine($"Incident {TextOf(record, "incident_id")}, detected {TextOf(record, "detected_at")}");
        output.WriteLine();
        output.WriteLine(TerminalText.Clean(narrative.Trim()));
        output.WriteLine();
        WriteEvidence(record);
        if (Child(record, "hypothesis") is { } hypothesis)
        {
            output.WriteLine(
                $"Hypothesis: {TextOf(hypothesis, "cause")} (confidence {TextOf(hypothesis, "confidence")})");
            output.WriteLine();
        }

        WriteCandidates(record);
        if (Child(record, "rationale") is { } rationale)
            output.WriteLine($"Rationale: {TextOf(rationale)}");
        if (Child(record, "verification") is { } verification)
        {
            output.WriteLine(
                $"Verification: {TextOf(verification, "result")} (criteria: {TextOf(verification, "criteria")}; "
                + $"rollback triggered: {TextOf(verification, "rollback_triggered")})");
        }
    }

    private void WriteEvidence(JsonElement record)
    {
        var rows = Items(record, "evidence")
            .Select((item, index) => ImmutableArray.Create($"{index + 1}", TextOf(item)))
            .ToList();
        if (rows.Count == 0)
            return;
        _tables.Write(["#", "Evidence"], rows);
        environment.Out.WriteLine();
    }

    private void WriteCandidates(JsonElement record)
    {
        var chosen = TextOf(record, "chosen_action");
        var rows = Items(record, "candidate_actions")
            .Select(action => ImmutableArray.Create(
                string.Equals(TextOf(action, "action"), chosen, StringComparison.Ordinal) ? "*" : "",
                TextOf(action, "action"),
                Parameters(action),
                TextOf(action, "risk"),
                TextOf(action, "reversible"),
                TextOf(action, "drops_inflight")))
            .ToList();
        if (rows.Count == 0)
            return;
        _tables.Write(["Chosen", "Action", "Parameters", "Risk", "Reversible", "Drops in flight"], rows);
        environment.Out.WriteLine();
    }

    // The article's candidates carry "params", "delta" or "scope".
    private static string Parameters(JsonElement action)
    {
        foreach (var name in (ReadOnlySpan<string>)["params", "delta", "scope"])
        {
            if (Child(action, name) is { } value)
                return TextOf(value);
        }

        return "-";
    }

    private static IEnumerable<JsonElement> Items(JsonElement parent, string name) =>
        Child(parent, name) is { ValueKind: JsonValueKind.Array } array ? array.EnumerateArray() : [];

    private static string TextOf(JsonElement parent, string name) =>
        Child(parent, name) is { } value ? TextOf(value) : "-";

    private static string TextOf(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => TerminalText.Clean(value.GetString() ?? "-"),
        JsonValueKind.True => "yes",
        JsonValueKind.False => "no",
        JsonValueKind.Null or JsonValueKind.Undefined => "-",
        JsonValueKind.Object => string.Join(
            ", ", value.EnumerateObject().Select(member => $"{member.Name}={TextOf(member.Value)}")),
        _ => value.GetRawText(),
    };

    private static JsonElement? Child(JsonElement parent, string name) =>
        parent.ValueKind == JsonValueKind.Object && parent.TryGetProperty(name, out var value) ? value : null;
}
