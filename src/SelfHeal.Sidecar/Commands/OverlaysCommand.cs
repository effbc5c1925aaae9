using System.Collections.Immutable;
using System.CommandLine;
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
        var command = ListCommand.Create(
            environment,
            "overlays",
            "List what the running process has laid over the configuration: who, why, until when.",
            "api/overlays",
            AdminJson.Default.ImmutableArrayOverlayStatus,
            overlays => Print(environment, overlays));
        help.AddExamples(
            command,
            "selfheal overlays",
            "selfheal overlays --json | jq -r '.[] | select(.state == \"refused\") | .id + \": \" + .problem'");
        return command;
    }

    private static void Print(CommandEnvironment environment, ImmutableArray<OverlayStatus> overlays)
    {
        if (overlays.IsDefaultOrEmpty)
            environment.Out.WriteLine("No overlays: what is served is what the source declares.");
        else
        {
            new TableWriter(environment).Write(
                ["Overlay", "Carrier", "Resource", "Owner", "Incident", "Expires", "State", "Change", "Reason"],
                [.. overlays.Select(Row)]);
        }
    }

    private static ImmutableArray<string> Row(OverlayStatus overlay) =>
    [
        TerminalText.Clean(overlay.Id),
        SnakeCase.Write(overlay.Carrier.ToString()),
        TerminalText.Clean(overlay.Resource),
        TerminalText.Clean(overlay.Owner),
        TerminalText.Clean(overlay.IncidentId),
        overlay.ExpiresAt is { } expires ? TerminalText.Of(expires) : "-",
        overlay.Problem.Length == 0
            ? SnakeCase.Write(overlay.State.ToString())
            : $"{SnakeCase.Write(overlay.State.ToString())}: {TerminalText.Clean(overlay.Problem)}",
        TerminalText.Clean(overlay.Change),
        TerminalText.Clean(overlay.Reason),
    ];
}
