using System.Collections.Immutable;
using System.CommandLine;
using System.Globalization;
using System.Text;
using System.Text.Json;
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
        var admin = CommonOptions.CreateAdmin();
        var json = CommonOptions.CreateJson("Print the list as JSON, as the admin API gives it.");
        var command = new Command("incidents", "List the incidents of the running process, newest first.")
        {
            admin,
            json,
        };
        command.SetAction((parsed, cancellationToken) => AdminCommand.RunAsync(
            environment,
            parsed.GetValue(admin),
            client => ListAsync(environment, client, parsed.GetValue(json), cancellationToken)));
        help.AddExamples(
            command,
            "selfheal incidents",
            "selfheal incidents --json | jq -r '.[] | select(.phase == \"handed_over\") | .incident_id'",
            "selfheal incidents --admin http://127.0.0.1:19001");
        return command;
    }

    private static async Task<AdminReply?> ListAsync(
        CommandEnvironment environment, AdminClient client, bool asJson, CancellationToken cancellationToken)
    {
        var reply = await client.GetAsync("api/incidents", cancellationToken);
        if (reply is not AdminReply.Answered(var body))
            return reply;
        if (asJson)
        {
            await environment.Out.WriteLineAsync(Encoding.UTF8.GetString(body));
            return null;
        }

        ImmutableArray<IncidentSummary> incidents;
        try
        {
            incidents = JsonSerializer.Deserialize(body, AdminJson.Default.ImmutableArrayIncidentSummary);
        }
        catch (JsonException)
        {
            return new AdminReply.Unreachable("what answers there is not the admin API of selfheal");
        }

        if (incidents.IsDefaultOrEmpty)
            await environment.Out.WriteLineAsync("No incidents.");
        else
            new TableWriter(environment).Write(
                ["Incident", "Detected", "Service", "Phase", "Outcome"], [.. incidents.Select(Row)]);
        return null;
    }

    private static ImmutableArray<string> Row(IncidentSummary incident) =>
    [
        TerminalText.Clean(incident.IncidentId),
        incident.DetectedAt.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture),
        TerminalText.Clean(incident.Service),
        SnakeCase.Write(incident.Phase.ToString()),
        TerminalText.Clean(incident.Outcome ?? "-"),
    ];
}
