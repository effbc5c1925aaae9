using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Spectre.Console;

namespace SelfHeal.Sidecar.Demo;

/// <summary>Prints what a run showed. Record and narrative are printed raw: nothing wraps them.</summary>
internal sealed class DemoReport(IAnsiConsole console, DemoOptions options)
{
    private static readonly JsonSerializerOptions Indented = new()
    {
        WriteIndented = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <summary>Prints one run.</summary>
    public void Write(DemoResult result)
    {
        if (result.Record is { } record)
        {
            Heading("The decision record");
            Raw(JsonNode.Parse(record)?.ToJsonString(Indented) ?? record);
            Heading("What happened, rendered from it");
            Raw(result.Narrative?.Trim() ?? string.Empty);
        }

        Heading("Where the time went");
        WriteSteps(result);
        Heading("What had to hold");
        foreach (var finding in result.Findings)
        {
            var text = $"{finding.Expectation} ({finding.Seen})";
            if (console.Profile.Out.IsTerminal)
                console.MarkupLine($"{Mark(finding.Held)} {Markup.Escape(text)}");
            else
                Raw($"{(finding.Held ? "held  " : "FAILED")} {text}");
        }

        Raw("the route as the data plane held it, SHA-256:");
        foreach (var digest in result.Digests)
            Raw($"  {digest.Digest ?? "nothing"} {digest.Moment}");
        var late = result.CanaryRequestsLate is { } count
            ? $"; requests to the canary later than 1 s after the ACK: {count.ToString(CultureInfo.InvariantCulture)}"
            : string.Empty;
        Raw(string.Create(
            CultureInfo.InvariantCulture,
            $"failing responses: {result.Failing} of {result.Load.Sent} requests; "
            + $"shed by the load: {result.Load.Shed}{late}"));
        if (!result.Held)
            Raw($"logs and state are kept in {result.Directory}");
    }

    /// <summary>Prints median and worst of several runs.</summary>
    public void WriteSummary(IReadOnlyList<DemoResult> results)
    {
        Heading(string.Create(CultureInfo.InvariantCulture, $"{results.Count} runs of {options.Scenario.Name}"));
        var table = new Table().Border(TableBorder.Simple)
            .AddColumns("run", "seed", "first failure to ACK", "failing", "ended");
        for (var i = 0; i < results.Count; i++)
        {
            table.AddRow(
                (i + 1).ToString(CultureInfo.InvariantCulture),
                results[i].Seed.ToString(CultureInfo.InvariantCulture),
                Seconds(results[i].TimeToAck),
                results[i].Failing.ToString(CultureInfo.InvariantCulture),
                results[i].Held ? "as it must" : "otherwise");
        }

        console.Write(table);
        var (median, worst) = MedianAndWorst(results);
        Raw($"first failing response to ACK, flush {Seconds(options.Flush)}: "
            + $"median {Seconds(median)}, worst {Seconds(worst)}");
    }

    /// <summary>Median and worst time to the ACK; null when no run had one.</summary>
    public static (TimeSpan? Median, TimeSpan? Worst) MedianAndWorst(IReadOnlyList<DemoResult> results)
    {
        var times = results.Select(result => result.TimeToAck).OfType<TimeSpan>().Order().ToList();
        if (times.Count == 0)
            return (null, null);
        var middle = times.Count / 2;
        var median = times.Count % 2 == 1 ? times[middle] : (times[middle - 1] + times[middle]) / 2;
        return (median, times[^1]);
    }

    /// <summary>All runs as JSON.</summary>
    public string ToJson(IReadOnlyList<DemoResult> results)
    {
        var (median, worst) = MedianAndWorst(results);
        var report = new JsonObject
        {
            ["scenario"] = options.Scenario.Name,
            ["flush_seconds"] = options.Flush.TotalSeconds,
            ["contract_window_seconds"] = options.ContractWindow.TotalSeconds,
            ["held"] = results.All(result => result.Held),
            ["median_to_ack_seconds"] = median?.TotalSeconds,
            ["worst_to_ack_seconds"] = worst?.TotalSeconds,
            ["runs"] = new JsonArray([.. results.Select(Run)]),
        };
        return report.ToJsonString(Indented);
    }

    private static JsonNode Run(DemoResult result) => new JsonObject
    {
        ["seed"] = result.Seed,
        ["data_plane"] = result.DataPlane,
        ["held"] = result.Held,
        ["to_ack_seconds"] = result.TimeToAck?.TotalSeconds,
        ["failing_responses"] = result.Failing,
        ["requests"] = result.Load.Sent,
        ["shed"] = result.Load.Shed,
        ["canary_requests_late"] = result.CanaryRequestsLate,
        ["steps"] = new JsonArray([.. result.Steps.Select(step => (JsonNode)new JsonObject
        {
            ["name"] = step.Name,
            ["at"] = step.At?.UtcDateTime.ToString("O", CultureInfo.InvariantCulture),
            ["since_first_failure_seconds"] = step.SinceStart?.TotalSeconds,
            ["took_seconds"] = step.Took?.TotalSeconds,
        })]),
        ["findings"] = new JsonArray([.. result.Findings.Select(finding => (JsonNode)new JsonObject
        {
            ["expectation"] = finding.Expectation,
            ["held"] = finding.Held,
            ["seen"] = finding.Seen,
        })]),
        ["route_digests"] = new JsonArray([.. result.Digests.Select(digest => (JsonNode)new JsonObject
        {
            ["moment"] = digest.Moment,
            ["sha256"] = digest.Digest,
        })]),
        ["record"] = result.Record is null ? null : JsonNode.Parse(result.Record),
        ["narrative"] = result.Narrative,
    };

    private static string Mark(bool held) => held ? "[green]held[/]  " : "[red]FAILED[/]";

    private void WriteSteps(DemoResult result)
    {
        if (result.Steps.IsEmpty)
        {
            Raw("nothing failed");
            return;
        }

        var table = new Table().Border(TableBorder.Simple).AddColumn("step")
            .AddColumn(new TableColumn("at").RightAligned()).AddColumn(new TableColumn("took").RightAligned());
        foreach (var step in result.Steps)
            table.AddRow(Markup.Escape(step.Name), Seconds(step.SinceStart, "+"), Seconds(step.Took));
        console.Write(table);
    }

    private static string Seconds(TimeSpan? duration, string sign = "") => duration is { } time
        ? sign + time.TotalSeconds.ToString("0.000", CultureInfo.InvariantCulture) + " s"
        : "-";

    private void Heading(string text)
    {
        console.WriteLine();
        console.Write(new Rule(Markup.Escape(text)).LeftJustified());
    }

    private void Raw(string text) => console.Profile.Out.Writer.WriteLine(text);
}
