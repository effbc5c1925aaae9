using System.Collections.Immutable;
using System.CommandLine;
using System.Globalization;
using System.Text;
using System.Text.Json;
using SelfHeal.Sidecar.Admin;
using SelfHeal.Sidecar.Config.Loading;

namespace SelfHeal.Sidecar.Commands;

/// <summary><c>selfheal overlays</c>: lists what lies over the configuration.</summary>
internal static class OverlaysCommand
{
    /// <summary>Makes the command.</summary>
    /// <param name="environment">What it sees of the world.</param>
    /// <param name="help">Takes its examples.</param>
    public static Command Create(CommandEnvironment environment, CommandHelp help)
    {
        ArgumentNullException.ThrowIfNull(help);
        var admin = CommonOptions.CreateAdmin();
        var json = CommonOptions.CreateJson("Print the list as JSON, as the admin API gives it.");
        var command = new Command(
            "overlays", "List what the running process has laid over the configuration: who, why, until when.")
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
            "selfheal overlays",
            "selfheal overlays --json | jq -r '.[] | select(.state == \"refused\") | .id + \": \" + .problem'");
        return command;
    }

    private static async Task<AdminReply?> ListAsync(
        CommandEnvironment environment, AdminClient client, bool asJson, CancellationToken cancellationToken)
    {
        var reply = await client.GetAsync("api/overlays", cancellationToken);
        if (reply is not AdminReply.Answered(var body))
            return reply;
        if (asJson)
        {
            await environment.Out.WriteLineAsync(Encoding.UTF8.GetString(body));
            return null;
        }

        ImmutableArray<OverlayStatus> overlays;
        try
        {
            overlays = JsonSerializer.Deserialize(body, AdminJson.Default.ImmutableArrayOverlayStatus);
        }
        catch (JsonException)
        {
            return new AdminReply.Unreachable("what answers there is not the admin API of selfheal");
        }

        if (overlays.IsDefaultOrEmpty)
            await environment.Out.WriteLineAsync("No overlays: what is served is what the source declares.");
        else
        {
            new TableWriter(environment).Write(
                ["Overlay", "Carrier", "Resource", "Owner", "Incident", "Expires", "State", "Change", "Reason"],
                [.. overlays.Select(Row)]);
        }

        return null;
    }

    private static ImmutableArray<string> Row(OverlayStatus overlay) =>
    [
        TerminalText.Clean(overlay.Id),
        SnakeCase.Write(overlay.Carrier.ToString()),
        TerminalText.Clean(overlay.Resource),
        TerminalText.Clean(overlay.Owner),
        TerminalText.Clean(overlay.IncidentId),
        overlay.ExpiresAt?.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture) ?? "-",
        overlay.Problem.Length == 0
            ? SnakeCase.Write(overlay.State.ToString())
            : $"{SnakeCase.Write(overlay.State.ToString())}: {TerminalText.Clean(overlay.Problem)}",
        TerminalText.Clean(overlay.Change),
        TerminalText.Clean(overlay.Reason),
    ];
}
