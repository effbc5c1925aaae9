using System.Collections.Immutable;
using System.CommandLine;
using System.Text.Json.Serialization.Metadata;

namespace SelfHeal.Sidecar.Commands;

/// <summary>A command that asks the admin API for one list and prints it: as JSON, as it came, or for people.</summary>
internal static class ListCommand
{
    /// <summary>Makes the command.</summary>
    /// <typeparam name="T">What the list is of.</typeparam>
    /// <param name="environment">What it sees of the world.</param>
    /// <param name="name">Its name.</param>
    /// <param name="description">For its help.</param>
    /// <param name="path">Where the admin API has the list.</param>
    /// <param name="type">How the list is read.</param>
    /// <param name="print">Prints it for people; an empty list as well.</param>
    public static Command Create<T>(
        CommandEnvironment environment,
        string name,
        string description,
        string path,
        JsonTypeInfo<ImmutableArray<T>> type,
        Action<ImmutableArray<T>> print)
    {
        var admin = CommonOptions.CreateAdmin();
        var json = CommonOptions.CreateJson("Print the list as JSON, as the admin API gives it.");
        var command = new Command(name, description) { admin, json };
        command.SetAction((parsed, cancellationToken) => AdminCommand.RunAsync(
            environment,
            parsed.GetValue(admin),
            client => AdminCommand.AskAsync(
                environment, client, path, parsed.GetValue(json) ? null : type, print, cancellationToken)));
        return command;
    }
}
