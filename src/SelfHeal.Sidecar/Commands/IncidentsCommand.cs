using System.Collections.Immutable;
using System.CommandLine;
using SelfHeal.Sidecar.Admin;
using SelfHeal.Sidecar.Config.Loading;

namespace SelfHeal.Sidecar.Commands;

/// <summary><c>selfheal incidents</c>: lists what happened.</summary>
internal static class IncidentsCommand
{
    /// <summary>Makes the command.</summary>
    /// <param name="environment">What it sees of the world.</param>
    /// <param name="help">Takes its examples.</param>
    public static Command Create(CommandEnvironment environment, CommandHelp help)
    {
        ArgumentNullException.ThrowIfNull(help);
        var command = ListCommand.Create(
            environment,
            "incidents",
            "List the incidents of the running process, newest first.",
            "api/incidents",
            AdminJson.Default.ImmutableArrayIncidentSummary,
            incidents => Print(environment, incidents));
        help.AddExamples(
            command,
            "selfheal incidents",
            "selfheal incidents --json | jq -r '.[] | select(.phase == \"handed_over\") | .incident_id'",
            "selfheal incidents --admin http://127.0.0.1:19001");
        return command;
    }

    private static void Print(CommandEnvironment environment, ImmutableArray<IncidentSummary> incidents)
    {
        if (incidents.IsDefaultOrEmpty)
            environment.Out.WriteLine("No incidents.");
        else
            new TableWriter(environment).Write(
                ["Incident", "Detected", "Service", "Phase", "Outcome"], [.. incidents.Select(Row)]);
    }

    private static ImmutableArray<string> Row(IncidentSummary incident) =>
    [
        TerminalText.Clean(incident.IncidentId),
        TerminalText.Of(incident.DetectedAt),
        TerminalText.Clean(incident.Service),
        SnakeCase.Write(incident.Phase.ToString()),
        TerminalText.Clean(incident.Outcome ?? "-"),
    ];
}
