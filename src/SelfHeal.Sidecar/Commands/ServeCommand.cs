using System.CommandLine;
using SelfHeal.Core;
using SelfHeal.Ledger;
using SelfHeal.Sidecar.Composition;
using SelfHeal.Sidecar.Config.Loading;
using SelfHeal.Sidecar.Hosting;
using SelfHeal.Sidecar.Logging;

namespace SelfHeal.Sidecar.Commands;

/// <summary><c>selfheal serve</c>: runs until it is asked to stop.</summary>
internal static class ServeCommand
{
    /// <summary>Makes the command.</summary>
    /// <param name="environment">What it sees of the world.</param>
    /// <param name="help">Takes its examples.</param>
    /// <param name="parts">What it runs.</param>
    public static Command Create(CommandEnvironment environment, CommandHelp help, ApplicationParts parts)
    {
        ArgumentNullException.ThrowIfNull(help);
        var config = CommonOptions.CreateConfig();
        var command = new Command(
            "serve", "Serve Envoy's configuration, watch its stats, and act as far as the policy lets it.") { config };
        command.SetAction((parsed, cancellationToken) =>
            RunAsync(environment, parts, parsed.GetRequiredValue(config), cancellationToken));
        help.AddExamples(
            command,
            "selfheal serve --config /etc/selfheal/selfheal.yaml",
            "curl -s http://127.0.0.1:18001/readyz    # in another shell: is it ready?",
            "kill -TERM PID                           # streams end cleanly, exit code 0");
        return command;
    }

    private static async Task<int> RunAsync(
        CommandEnvironment environment, ApplicationParts parts, string path, CancellationToken cancellationToken)
    {
        switch (ConfigLoader.Load(path))
        {
            case ConfigResult.Invalid invalid:
                foreach (var finding in invalid.Errors)
                    await environment.Error.WriteLineAsync(finding.ToString());
                return ExitCode.Failed;
            case ConfigResult.Valid valid:
                return await RunAsync(environment, parts, valid, cancellationToken);
            default:
                throw new InvalidOperationException("a configuration is valid or it is not");
        }
    }

    private static async Task<int> RunAsync(
        CommandEnvironment environment,
        ApplicationParts parts,
        ConfigResult.Valid config,
        CancellationToken cancellationToken)
    {
        var options = config.Options;
        SelfHealHost host;
        try
        {
            host = SelfHealHost.Build(
                options,
                await parts.ComposeAsync(options, environment.Time, cancellationToken),
                logging => SerilogSetup.Configure(logging, options.Logging),
                environment.Time);
        }
        catch (Exception exception) when (
            exception is ListenFailedException or TlsFailedException or LedgerOpenException or FormatException
                or InvariantException)
        {
            await environment.Error.WriteLineAsync($"selfheal: {exception.Message}");
            return ExitCode.Failed;
        }

        await using (host)
        {
            await host.StartAsync(config.Warnings, cancellationToken);
            await host.WaitForStopAsync(cancellationToken);
        }

        return ExitCode.Ok;
    }
}
