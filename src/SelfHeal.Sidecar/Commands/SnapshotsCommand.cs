using System.Collections.Immutable;
using System.CommandLine;
using System.Globalization;
using System.Text;
using System.Text.Json;
using SelfHeal.Sidecar.Admin;
using SelfHeal.Sidecar.Config.Loading;

namespace SelfHeal.Sidecar.Commands;

/// <summary>
/// <c>selfheal snapshots</c>: what each group of nodes is served, has accepted, and could go back to.
/// </summary>
internal static class SnapshotsCommand
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
            "snapshots", "List what each group of proxies is served, accepted last, and could go back to.")
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
            "selfheal snapshots",
            "selfheal snapshots --json | jq -r '.[].quarantined[] | .type + \" \" + .name + \": \" + .message'");
        return command;
    }

    private static async Task<AdminReply?> ListAsync(
        CommandEnvironment environment, AdminClient client, bool asJson, CancellationToken cancellationToken)
    {
        var reply = await client.GetAsync("api/snapshots", cancellationToken);
        if (reply is not AdminReply.Answered(var body))
            return reply;
        if (asJson)
        {
            await environment.Out.WriteLineAsync(Encoding.UTF8.GetString(body));
            return null;
        }

        ImmutableArray<GroupStatus> groups;
        try
        {
            groups = JsonSerializer.Deserialize(body, AdminJson.Default.ImmutableArrayGroupStatus);
        }
        catch (JsonException)
        {
            return new AdminReply.Unreachable("what answers there is not the admin API of selfheal");
        }

        new TableWriter(environment).Write(
            ["Group", "Streams", "Source", "Served", "Accepted", "Phase", "Verified", "Since", "Kept", "Quarantined"],
            [.. groups.Select(Row)]);
        foreach (var group in groups)
        {
            foreach (var problem in group.Problems)
            {
                await environment.Out.WriteLineAsync(
                    $"{TerminalText.Clean(group.Group)}: {TerminalText.Clean(problem)}");
            }
        }

        return null;
    }

    private static ImmutableArray<string> Row(GroupStatus group) =>
    [
        TerminalText.Clean(group.Group),
        group.Streams.ToString(CultureInfo.InvariantCulture),
        SnakeCase.Write(group.Source.ToString()),
        OrNone(group.Served),
        OrNone(group.Accepted),
        SnakeCase.Write(group.Phase.ToString()),
        OrNone(group.Verified),
        group.VerifiedSince?.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture) ?? "-",
        group.Generations.ToString(CultureInfo.InvariantCulture),
        group.Quarantined.Length.ToString(CultureInfo.InvariantCulture),
    ];

    private static string OrNone(string version) => version.Length == 0 ? "-" : TerminalText.Clean(version);
}
