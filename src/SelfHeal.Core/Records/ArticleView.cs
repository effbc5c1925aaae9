using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using SelfHeal.Core.Actions;
using SelfHeal.Core.Narrative;

namespace SelfHeal.Core.Records;

/// <summary>
/// The view of an incident that people see: the article's JSON shape, projected from the incident's ledger entries.
/// </summary>
public static class ArticleView
{
    private static readonly JsonWriterOptions Indented = new()
    {
        Indented = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, // The view is JSON for people, never put into HTML.
        NewLine = "\n",
    };

    /// <summary>Writes the view as indented UTF-8 JSON.</summary>
    /// <param name="entries">The entries of one incident, in the order of the ledger; at least one.</param>
    public static byte[] Write(IReadOnlyList<LedgerRecord> entries)
    {
        ArgumentNullException.ThrowIfNull(entries);
        ArgumentOutOfRangeException.ThrowIfZero(entries.Count);
        var main = entries.LastOrDefault(static e => e.Type == RecordType.Decision)
            ?? entries.Last(static e => e.Conclusion is not null);
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer, Indented))
        {
            json.WriteStartObject();
            json.WriteString("incident_id", main.IncidentId);
            json.WriteString("detected_at", Wording.Moment(main.Time.Detected ?? main.Time.Decided));
            json.WriteStartArray("evidence");
            foreach (var item in main.Evidence ?? [])
                json.WriteStringValue(Wording.Evidence(item));
            json.WriteEndArray();
            WriteHypothesis(json, main);
            WriteCandidates(json, main);
            WriteVerification(json, main, entries);
            json.WriteEndObject();
        }

        return buffer.WrittenSpan.ToArray();
    }

    private static void WriteHypothesis(Utf8JsonWriter json, LedgerRecord main)
    {
        json.WriteStartObject("hypothesis");
        json.WriteString("cause", main.Conclusion!.Cause); // Chosen above for having a conclusion.
        json.WriteNumber("confidence", Wording.TwoPlaces(main.Conclusion.Hypotheses[0].CalibratedPpm));
        json.WriteEndObject();
    }

    private static void WriteCandidates(Utf8JsonWriter json, LedgerRecord main)
    {
        var alternatives = main.Alternatives ?? [];
        json.WriteStartArray("candidate_actions");
        foreach (var candidate in alternatives)
        {
            json.WriteStartObject();
            json.WriteString("action", Name(candidate.Action));
            if (!candidate.Weights.IsEmpty)
            {
                json.WriteStartObject("params");
                foreach (var weight in candidate.Weights)
                    json.WriteNumber(weight.Version, weight.Weight);
                json.WriteEndObject();
            }

            json.WriteNumber("risk", Wording.TwoPlaces(candidate.RiskPpm));
            json.WriteBoolean("reversible", candidate.Reversible);
            json.WriteBoolean("drops_inflight", candidate.DropsInFlight);
            if (!candidate.Refusals.IsEmpty)
            {
                json.WriteStartArray("refused_because");
                foreach (var reason in candidate.Refusals)
                    json.WriteStringValue(Wording.Reason(reason));
                json.WriteEndArray();
            }

            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteString("chosen_action", Name(alternatives.FirstOrDefault(static a => a.Chosen)?.Action));
        json.WriteString("rationale", Rationale(main));
    }

    private static void WriteVerification(
        Utf8JsonWriter json, LedgerRecord main, IReadOnlyList<LedgerRecord> entries)
    {
        json.WriteStartObject("verification");
        json.WriteString("criteria", main.Contract?.Criteria ?? "none: nothing was changed");
        json.WriteString("result", Result(main, entries));
        json.WriteBoolean("rollback_triggered", entries.Any(static e => e.Type == RecordType.Rollback));
        json.WriteEndObject();
    }

    private static string Result(LedgerRecord main, IReadOnlyList<LedgerRecord> entries)
    {
        var last = entries.LastOrDefault(e => e.Sequence > main.Sequence && e.Type is RecordType.Resolved
            or RecordType.Rollback or RecordType.Inconclusive or RecordType.Rejected or RecordType.StoodDown);
        if (main.Type == RecordType.Recommendation)
            return "not started: recommended only";
        return last?.Type switch
        {
            RecordType.Resolved => $"passed at {Wording.TimeOfDay(last.Time.Decided)}Z",
            RecordType.Rollback => $"failed at {Wording.TimeOfDay(last.Time.Decided)}Z",
            RecordType.Rejected => $"rejected by a proxy at {Wording.TimeOfDay(last.Time.Decided)}Z",
            RecordType.StoodDown => $"stood down at {Wording.TimeOfDay(last.Time.Decided)}Z",
            RecordType.Inconclusive => $"inconclusive at {Wording.TimeOfDay(last.Time.Decided)}Z",
            _ => "pending",
        };
    }

    private static string Rationale(LedgerRecord main)
    {
        var leading = main.Conclusion!.Hypotheses[0]; // As above.
        var chosen = (main.Alternatives ?? []).FirstOrDefault(static a => a.Chosen);
        if (chosen is { Action: ActionKind.ShiftTrafficWeights })
        {
            return $"The leading cause, {leading.TotalDecibans} dB and {main.Conclusion.MarginDecibans} dB ahead of "
                + $"the next, isolates to {leading.Target}; of {(main.Alternatives ?? []).Length} candidates this has "
                + "the lowest risk: one push takes it back, requests in flight finish, and the defect stays visible.";
        }

        var refused = (main.Alternatives ?? []).FirstOrDefault(static a => a.Action != ActionKind.DoNothing);
        return refused switch
        {
            null => $"Nothing is done by itself: {Wording.Reason(ReasonCode.NothingInCatalog)}.",
            { Refusals.IsEmpty: true } => "Nothing is done by itself: doing nothing has the lower risk.",
            _ => $"Nothing is done by itself: to {refused.Description} is refused because "
                + string.Join("; ", refused.Refusals.Select(Wording.Reason)) + ".",
        };
    }

    private static string Name(ActionKind? action) => action switch
    {
        ActionKind.ShiftTrafficWeights => "shift_traffic_weights",
        ActionKind.DoNothing => "do_nothing",
        _ => "none",
    };
}
