using System.CommandLine;
using System.Text;
using System.Text.Json;

namespace SelfHeal.Sidecar.Commands;

/// <summary><c>selfheal explain</c>: why something was done, or not done.</summary>
internal static class ExplainCommand
{
    /// <summary>Makes the command.</summary>
    /// <param name="environment">What it sees of the world.</param>
    /// <param name="help">Takes its examples.</param>
    public static Command Create(CommandEnvironment environment, CommandHelp help)
    {
        ArgumentNullException.ThrowIfNull(help);
        var id = new Argument<string>("ID") { Description = "The incident's id, as 'selfheal incidents' lists it." };
        var admin = CommonOptions.CreateAdmin();
        var json = CommonOptions.CreateJson("Print the decision record as JSON, byte for byte.");
        var command = new Command(
            "explain", "Explain an incident: what happened, the evidence, what else was considered, how it ended.")
        {
            id,
            admin,
            json,
        };
        command.SetAction((parsed, cancellationToken) => AdminCommand.RunAsync(
            environment,
            parsed.GetValue(admin),
            client => ExplainAsync(
                environment, client, parsed.GetRequiredValue(id), parsed.GetValue(json), cancellationToken)));
        help.AddExamples(
            command,
            "selfheal explain ing-2026-0412-0317",
            "selfheal explain ing-2026-0412-0317 --json > record.json");
        return command;
    }

    private static async Task<AdminReply?> ExplainAsync(
        CommandEnvironment environment,
        AdminClient client,
        string id,
        bool asJson,
        CancellationToken cancellationToken)
    {
        var path = $"api/incidents/{Uri.EscapeDataString(id)}";
        var record = await client.GetAsync(path, cancellationToken);
        if (record is not AdminReply.Answered(var recordBody))
            return record;
        if (asJson)
        {
            await environment.Out.WriteLineAsync(Encoding.UTF8.GetString(recordBody));
            return null;
        }

        var narrative = await client.GetAsync($"{path}/narrative", cancellationToken);
        if (narrative is not AdminReply.Answered(var narrativeBody))
            return narrative;
        try
        {
            using var document = JsonDocument.Parse(recordBody);
            new RecordView(environment).Write(document.RootElement, Encoding.UTF8.GetString(narrativeBody));
            return null;
        }
        catch (JsonException)
        {
            return new AdminReply.Unreachable("what answers there is not the admin API of selfheal");
        }
    }
}
