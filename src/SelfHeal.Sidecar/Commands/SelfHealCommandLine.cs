using System.CommandLine;
using System.CommandLine.Invocation;
using SelfHeal.Sidecar.Composition;
using SelfHeal.Sidecar.Hosting;

namespace SelfHeal.Sidecar.Commands;

/// <summary>The command line of the executable.</summary>
internal sealed class SelfHealCommandLine
{
    private readonly CommandEnvironment _environment;

    /// <summary>Builds every command.</summary>
    /// <param name="environment">What commands see of the world.</param>
    /// <param name="parts">What commands are made of.</param>
    public SelfHealCommandLine(CommandEnvironment environment, ApplicationParts parts)
    {
        ArgumentNullException.ThrowIfNull(environment);
        ArgumentNullException.ThrowIfNull(parts);
        _environment = environment;
        Help = new CommandHelp();
        // A plain command and not RootCommand: that one calls itself as the running executable does, which in tests is
        // not selfheal.
        Root = new Command("selfheal", "An Envoy control plane that finds out why something fails, takes the smallest "
            + "safe action, checks whether it helped, and explains itself.");
        Root.Options.Add(Help.CreateOption());
        Root.Options.Add(new VersionOption { Action = new PrintVersion() });
        Root.Subcommands.Add(ServeCommand.Create(environment, Help, parts));
        Root.Subcommands.Add(CheckCommand.Create(environment, Help, parts));
        Root.Subcommands.Add(IncidentsCommand.Create(environment, Help));
        Root.Subcommands.Add(ProxiesCommand.Create(environment, Help));
        Root.Subcommands.Add(ExplainCommand.Create(environment, Help));
        Root.Subcommands.Add(OverlaysCommand.Create(environment, Help));
        Root.Subcommands.Add(SnapshotsCommand.Create(environment, Help));
        Root.Subcommands.Add(ReplayCommand.Create(environment, Help));
        Root.Subcommands.Add(RecordCommand.Create(environment, Help));
        foreach (var create in parts.MoreCommands)
            Root.Subcommands.Add(create(environment, Help));
        Help.AddExamples(
            Root,
            "selfheal check --config selfheal.yaml    # is everything in order?",
            "selfheal serve --config selfheal.yaml    # run it",
            "selfheal incidents                       # what happened?",
            "selfheal explain ID                      # why did it do that?",
            "selfheal proxies                         # who has what?",
            "",
            "Exit codes: 0 done, 1 findings or failure, 2 the command line is not understood,",
            "3 the running process cannot be reached.");
    }

    /// <summary>The root command.</summary>
    public Command Root { get; }

    /// <summary>The examples of every command.</summary>
    public CommandHelp Help { get; }

    /// <summary>Runs what the arguments say.</summary>
    /// <param name="arguments">As the shell gives them.</param>
    /// <param name="cancellationToken">Asks the command to stop.</param>
    public async Task<int> RunAsync(IReadOnlyList<string> arguments, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(arguments);
        // No response files: "@name" stays what the user typed.
        var parsed = Root.Parse(
            arguments.Count == 0 ? ["--help"] : arguments,
            new ParserConfiguration { ResponseFileTokenReplacer = null });
        if (parsed.Action is ParseErrorAction || (parsed.Action is null && parsed.Errors.Count > 0))
        {
            foreach (var error in parsed.Errors)
                await _environment.Error.WriteLineAsync($"selfheal: {error.Message}");
            var command = parsed.CommandResult.Command;
            var name = command == Root ? "selfheal" : $"selfheal {command.Name}";
            await _environment.Error.WriteLineAsync($"Try '{name} --help'.");
            return ExitCode.Usage;
        }

        var configuration = new InvocationConfiguration
        {
            Output = _environment.Out,
            Error = _environment.Error,
            // Signals are the host's business: it ends streams before it ends the process.
            ProcessTerminationTimeout = null,
            EnableDefaultExceptionHandler = false,
        };
        try
        {
            var result = await parsed.InvokeAsync(configuration, cancellationToken);
            return arguments.Count == 0 ? ExitCode.Usage : result;
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            // A full disk, a lost file system, or a bug: the trace tells which, and there is no core dump.
            await _environment.Error.WriteLineAsync($"selfheal: unexpected: {exception}");
            return ExitCode.Failed;
        }
    }

    private sealed class PrintVersion : SynchronousCommandLineAction
    {
        public override bool ClearsParseErrors => true;

        public override int Invoke(ParseResult parseResult)
        {
            parseResult.InvocationConfiguration.Output.WriteLine($"selfheal {SelfHealVersion.Current}");
            return ExitCode.Ok;
        }
    }
}
