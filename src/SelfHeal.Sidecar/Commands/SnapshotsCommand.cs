using System.Collections.Immutable;
using System.CommandLine;
using System.Globalization;
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
        var command = ListCommand.Create(
            environment,
            "snapshots",
            "List what each group of proxies is served, accepted last, and could go back to.",
            "api/snapshots",
            AdminJson.Default.ImmutableArrayGroupStatus,
            groups => Print(environment, groups));
        help.AddExamples(
            command,
            "selfheal snapshots",
            "selfheal snapshots --json | jq -r '.[].quarantined[] | .type + \" \" + .name + \": \" + .message'");
        return command;
    }

    private static void Print(CommandEnvironment environment, ImmutableArray<GroupStatus> groups)
    {
        new TableWriter(environment).Write(
            ["Group", "Streams", "Source", "Served", "Accepted", "Phase", "Verified", "Since", "Kept", "Quarantined"],
            [.. groups.Select(Row)]);
        foreach (var group in groups)
        {
            foreach (var problem in group.Problems)
            {
                environment.Out.WriteLine(
                    $"{TerminalText.Clean(group.Group)}: {TerminalText.Clean(problem)}");
            }
        }
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
        group.VerifiedSince is { } since ? TerminalText.Of(since) : "-",
        group.Generations.ToString(CultureInfo.InvariantCulture),
        group.Quarantined.Length.ToString(CultureInfo.InvariantCulture),
    ];

    private static string OrNone(string version) => version.Length == 0 ? "-" : TerminalText.Clean(version);
}
