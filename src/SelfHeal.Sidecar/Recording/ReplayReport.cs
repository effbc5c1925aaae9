using System.Globalization;
using System.Text;
using System.Text.Json;
using SelfHeal.Core.Narrative;
using SelfHeal.Core.Records;
using SelfHeal.Sidecar.Commands;

namespace SelfHeal.Sidecar.Recording;

/// <summary>Prints what a replay decided to standard output, and what is to be known about it to standard error.
/// </summary>
/// <param name="environment">Where to.</param>
/// <param name="asJson">Canonical JSON, one record per line, instead of text.</param>
/// <param name="isWhatIf">Whether another policy decides: then JSON lines say which records come after the loops went
/// apart.</param>
internal sealed class ReplayReport(CommandEnvironment environment, bool asJson, bool isWhatIf)
{
    private readonly List<ReplayedRecord> _records = [];

    /// <summary>How many records there are.</summary>
    public int Count { get; private set; }

    /// <summary>One record became durable.</summary>
    /// <param name="record">The record.</param>
    public void Add(ReplayedRecord record)
    {
        ArgumentNullException.ThrowIfNull(record);
        Count++;
        if (!asJson)
        {
            _records.Add(record);
            return;
        }

        var json = Encoding.UTF8.GetString(record.Payload);
        environment.Out.WriteLine(isWhatIf
            ? $$"""{"after_divergence":{{(record.AfterDivergence ? "true" : "false")}},"record":{{json}}}"""
            : json);
    }

    /// <summary>The replay has ended.</summary>
    /// <param name="summary">What it did.</param>
    /// <param name="elapsed">The time that it took.</param>
    public void End(ReplaySummary summary, TimeSpan elapsed)
    {
        ArgumentNullException.ThrowIfNull(summary);
        foreach (var incident in _records.GroupBy(static r => r.Record.IncidentId, StringComparer.Ordinal))
            WriteIncident([.. incident]);
        foreach (var note in summary.Notes)
            Say(note);
        foreach (var fault in summary.Faults)
            Say(fault.ToString());
        if (summary.DivergedAt is { } diverged)
        {
            Say($"{Moment(diverged)}: diverged: {summary.Divergence}. The telemetry after this is the recorded one: it "
                + "is no evidence of what would have happened, and acknowledgements are simulated");
        }

        if (summary.Unanswered > 0)
            Say($"{summary.Unanswered} records were decided, and the recording ends before they were durable");
        if (summary.Failure.Length > 0)
            Say(summary.Failure);
        var speed = elapsed > TimeSpan.Zero ? summary.Covered / elapsed : 0;
        Say(string.Create(CultureInfo.InvariantCulture,
            $"replayed {summary.Covered.TotalSeconds:0.0} s in {elapsed.TotalSeconds:0.00} s ({speed:0}x): "
            + $"{summary.Steps} steps, {summary.Samples} samples, {Count} records"));
        if (summary.NotCompared.Length > 0)
            Say($"not compared with the recorded records: {summary.NotCompared}");
        else if (summary.Difference.Length > 0)
            Say($"NOT reproduced: the first difference is at {summary.Difference}");
        else
            Say($"reproduced: {summary.Reproduced} of {summary.Reproduced} recorded records are the same bytes");
    }

    private static string Moment(DateTimeOffset moment) =>
        moment.ToString("yyyy-MM-ddTHH:mm:ss.fffZ", CultureInfo.InvariantCulture);

    private void WriteIncident(List<ReplayedRecord> incident)
    {
        var entries = incident.ConvertAll(static r => r.Record);
        if (entries.Exists(static e => e.Conclusion is not null))
        {
            using var article = JsonDocument.Parse(ArticleView.Write(entries));
            new RecordView(environment).Write(article.RootElement, NarrativeRenderer.Render(entries).Text);
        }
        else
        {
            // What an incident went on with: its decision is older than what was replayed.
            environment.Out.WriteLine($"Incident {entries[0].IncidentId} of {entries[0].Service}");
        }

        foreach (var (record, _, afterDivergence) in incident)
        {
            environment.Out.WriteLine($"{Moment(record.Time.Decided)} entry "
                + $"{record.Sequence.ToString(CultureInfo.InvariantCulture)}: {record.Type}"
                + (afterDivergence ? " (after the divergence: the telemetry is of another world)" : ""));
        }

        environment.Out.WriteLine();
    }

    private void Say(string text) => environment.Error.WriteLine($"replay: {TerminalText.Clean(text)}");
}
