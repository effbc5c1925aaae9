using System.CommandLine;
using System.CommandLine.Parsing;
using SelfHeal.Lab.Scenarios;
using SelfHeal.Sidecar.Commands;
using SelfHeal.Sidecar.Config.Loading;
using Spectre.Console;

namespace SelfHeal.Sidecar.Demo;

/// <summary><c>selfheal demo</c>: one real incident, end to end, on this machine.</summary>
internal static class DemoCommandLine
{
    private const string Standalone = "standalone";
    private const string Istio = "istio";

    /// <summary>Makes the command.</summary>
    /// <param name="environment">What it sees of the world.</param>
    /// <param name="help">Takes its examples.</param>
    public static Command Create(CommandEnvironment environment, CommandHelp help)
    {
        ArgumentNullException.ThrowIfNull(help);
        var defaults = new DemoOptions();
        var scenario = new Option<string>("--scenario")
        {
            Description = "Which incident: " + string.Join(", ", ScenarioCatalog.All.Select(static s => s.Name)) + ".",
            HelpName = "NAME",
            DefaultValueFactory = _ => defaults.Scenario.Name,
        };
        scenario.AcceptOnlyFromAmong([.. ScenarioCatalog.All.Select(static s => s.Name)]);
        var mode = new Option<string>("--mode")
        {
            Description = "Who serves the configuration: standalone (SelfHeal), istio (a real Istiod, through it).",
            HelpName = "MODE",
            DefaultValueFactory = static _ => Standalone,
        };
        mode.AcceptOnlyFromAmong(Standalone, Istio);
        var flush = CreateDuration("--flush", "Envoy's stats flush interval.", defaults.Flush);
        var window = CreateDuration("--contract-window", "How long the contract is watched.", defaults.ContractWindow);
        var runs = new Option<int>("--runs")
        {
            Description = "How often to play it; each run starts everything anew.",
            HelpName = "N",
            DefaultValueFactory = _ => defaults.Runs,
        };
        var json = new Option<string?>("--json") { Description = "Write a report in JSON.", HelpName = "FILE" };
        var model = new Option<bool>("--model")
        {
            Description = "Use the model data plane even where there is an Envoy.",
        };
        var seed = new Option<ulong?>("--seed")
        {
            Description = "Draws the moment of the onset and which requests fail.",
            HelpName = "N",
        };
        var command = new Command("demo", "Play one real incident on this machine, from onset to verdict.")
        {
            scenario, mode, flush, window, runs, json, model, seed,
        };
        command.SetAction((parsed, cancellationToken) => RunAsync(
            environment,
            new DemoOptions
            {
                Scenario = ScenarioCatalog.Find(parsed.GetValue(scenario)!)!, // Only names of the catalog are accepted.
                Mode = parsed.GetValue(mode) is Istio ? DemoMode.Istio : DemoMode.Standalone,
                Flush = parsed.GetValue(flush),
                ContractWindow = parsed.GetValue(window),
                Runs = parsed.GetValue(runs),
                JsonFile = parsed.GetValue(json),
                Model = parsed.GetValue(model),
                Seed = parsed.GetValue(seed),
            },
            cancellationToken));
        help.AddExamples(
            command,
            "selfheal demo",
            "selfheal demo --scenario wrong-guess --flush 1s",
            "selfheal demo --mode istio",
            "selfheal demo --runs 5 --json report.json");
        return command;
    }

    private static async Task<int> RunAsync(
        CommandEnvironment environment, DemoOptions options, CancellationToken cancellationToken)
    {
        var errors = options.Errors();
        foreach (var error in errors)
            await environment.Error.WriteLineAsync($"selfheal: {error}");
        return errors.Count > 0
            ? ExitCode.Usage
            : await DemoCommand.RunAsync(options, environment.CreateAnsiConsole(), cancellationToken);
    }

    private static Option<TimeSpan> CreateDuration(string name, string description, TimeSpan byDefault) => new(name)
    {
        Description = description,
        HelpName = "DURATION",
        CustomParser = result => Parse(name, result),
        DefaultValueFactory = _ => byDefault,
    };

    private static TimeSpan Parse(string name, ArgumentResult result)
    {
        var text = result.Tokens.Count == 0 ? "" : result.Tokens[0].Value;
        if (DurationFormat.TryParse(text, out var duration))
            return duration;
        result.AddError($"{name} is '{text}', expected a duration such as 5s, 250ms or 1m");
        return default;
    }
}
