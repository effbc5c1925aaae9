using System.CommandLine;
using SelfHeal.Sidecar.Admin;

namespace SelfHeal.Sidecar.Commands;

/// <summary><c>selfheal proxies</c>: who is connected, and in what they do not hold what is intended.</summary>
internal static class ProxiesCommand
{
    /// <summary>Makes the command.</summary>
    /// <param name="environment">What it sees of the world.</param>
    /// <param name="help">Takes its examples.</param>
    public static Command Create(CommandEnvironment environment, CommandHelp help)
    {
        ArgumentNullException.ThrowIfNull(help);
        var node = new Argument<string?>("NODE")
        {
            Description = "A proxy's node id, as 'selfheal proxies' lists it. Without it: all proxies.",
            Arity = ArgumentArity.ZeroOrOne,
        };
        var diff = new Option<bool>("--diff")
        {
            Description =
                "Show in what NODE does not hold what is intended, and its last NACKs; secrets are not shown.",
        };
        var admin = CommonOptions.CreateAdmin();
        var json = CommonOptions.CreateJson("Print it as JSON, as the admin API gives it.");
        var command = new Command(
            "proxies", "List the connected proxies and how each stands towards what it is served.")
        {
            node,
            diff,
            admin,
            json,
        };
        command.Validators.Add(result =>
        {
            if (result.GetValue(diff) && result.GetValue(node) is null)
                result.AddError("--diff needs NODE: the proxy to look at");
        });
        command.SetAction((parsed, cancellationToken) => AdminCommand.RunAsync(
            environment,
            parsed.GetValue(admin),
            client => ShowAsync(
                environment,
                client,
                (parsed.GetValue(node), parsed.GetValue(diff), parsed.GetValue(json)),
                cancellationToken)));
        help.AddExamples(
            command,
            "selfheal proxies",
            "selfheal proxies edge-1                  # every type: state, versions, last NACK",
            "selfheal proxies edge-1 --diff           # what it should have, and does not",
            "selfheal proxies --json | jq -r '.[] | select(any(.types[]; .state == \"error\")) | .node'");
        return command;
    }

    private static Task<AdminReply?> ShowAsync(
        CommandEnvironment environment,
        AdminClient client,
        (string? Node, bool Diff, bool AsJson) asked,
        CancellationToken cancellationToken)
    {
        var printer = new ProxyPrinter(environment);
        if (asked.Node is not { } node)
        {
            return AdminCommand.AskAsync(
                environment,
                client,
                "api/proxies",
                asked.AsJson ? null : AdminJson.Default.ImmutableArrayProxyStatus,
                proxies => printer.Print(proxies),
                cancellationToken);
        }

        var path = $"api/proxies/{Uri.EscapeDataString(node)}";
        return asked.Diff
            ? AdminCommand.AskAsync(
                environment,
                client,
                $"{path}/diff",
                asked.AsJson ? null : AdminJson.Default.ProxyDiffDocument,
                document => printer.Print(document),
                cancellationToken)
            : AdminCommand.AskAsync(
                environment,
                client,
                path,
                asked.AsJson ? null : AdminJson.Default.ProxyDocument,
                document => printer.Print(document),
                cancellationToken);
    }
}
