using System.CommandLine;
using System.Globalization;
using SelfHeal.Sidecar.Config.Loading;
using SelfHeal.Sidecar.Recording;

namespace SelfHeal.Sidecar.Commands;

/// <summary><c>selfheal replay</c>: the same control loop over a recording.</summary>
internal static class ReplayCommand
{
    // Longer than any recording; a time of the calendar plus this is still one.
    private static readonly TimeSpan DurationMax = TimeSpan.FromDays(3660);

    /// <summary>Makes the command.</summary>
    /// <param name="environment">What it sees of the world.</param>
    /// <param name="help">Takes its examples.</param>
    public static Command Create(CommandEnvironment environment, CommandHelp help)
    {
        ArgumentNullException.ThrowIfNull(help);
        var files = new Argument<string[]>("FILE")
        {
            Description = "The files of one recording, in order.",
            Arity = ArgumentArity.OneOrMore,
        };
        var json = CommonOptions.CreateJson("Print every decision record as canonical JSON, one per line.");
        var from = CreateTime("--from", "Show what was decided from here on; the loop warms up shortly before.");
        var to = CreateTime("--to", "Stop here.");
        var whatIf = new Option<string?>("--what-if")
        {
            Description = "Decide by the policy and detection sections of this configuration instead.",
            HelpName = "POLICY",
        };
        var delay = new Option<TimeSpan>("--ack-delay")
        {
            Description = "What proxies take to acknowledge a change that the recording has no answer to.",
            HelpName = "DURATION",
            DefaultValueFactory = _ => ReplayRequest.DefaultAcknowledgeDelay,
            CustomParser = argument =>
            {
                var text = argument.Tokens.Count == 0 ? "" : argument.Tokens[0].Value;
                if (DurationFormat.TryParse(text, out var value) && value <= TimeSpan.FromHours(1))
                    return value;
                argument.AddError($"--ack-delay is '{text}', expected a duration of at most 1h, such as 500ms");
                return default;
            },
        };
        var command = new Command(
            "replay", "Run the control loop on a recording, and print what it decides: the same bytes every time.")
        {
            files, json, from, to, whatIf, delay,
        };
        command.SetAction((parsed, cancellationToken) => Task.FromResult(Run(
            environment,
            new Arguments(
                parsed.GetRequiredValue(files),
                parsed.GetValue(json),
                parsed.GetValue(from),
                parsed.GetValue(to),
                parsed.GetValue(whatIf),
                parsed.GetValue(delay)),
            cancellationToken)));
        help.AddExamples(
            command,
            "selfheal replay recordings/selfheal-20260412-031700.shrec",
            "selfheal replay --json a.shrec b.shrec > records.jsonl    # exit code 1: not reproduced, or damaged",
            "selfheal replay --from 10m --to 25m a.shrec               # counted from its beginning",
            "selfheal replay --what-if stricter.yaml a.shrec           # what would another policy have done?");
        return command;
    }

    private static Option<string?> CreateTime(string name, string description) => new(name)
    {
        Description = description + " A duration from the beginning (10m) or a time (2026-04-12T03:17:00Z).",
        HelpName = "TIME",
    };

    private static int Run(CommandEnvironment environment, Arguments arguments, CancellationToken cancellationToken)
    {
        try
        {
            if (!TryRequest(environment, arguments, out var request, out var exitCode))
                return exitCode;
            var report = new ReplayReport(environment, arguments.AsJson, arguments.WhatIf is not null);
            var begun = environment.Time.GetTimestamp();
            var summary = ReplayProgress.Run(
                environment,
                "replay",
                progress => new ReplaySession(request, report.Add, progress).Run(cancellationToken));
            report.End(summary, environment.Time.GetElapsedTime(begun));
            return summary.IsClean ? ExitCode.Ok : ExitCode.Failed;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            environment.Error.WriteLine($"selfheal: {exception.Message}");
            return ExitCode.Failed;
        }
    }

    private static bool TryRequest(
        CommandEnvironment environment, Arguments arguments, out ReplayRequest request, out int exitCode)
    {
        request = new ReplayRequest { Files = [.. arguments.Files], AcknowledgeDelay = arguments.AcknowledgeDelay };
        exitCode = ExitCode.Usage;
        DateTimeOffset? begin = null;
        using (var reader = new RecordingReader(arguments.Files[0]))
            begin = reader.FirstStep();
        if (!TryTime(environment, "--from", arguments.From, begin, out var from)
            || !TryTime(environment, "--to", arguments.To, begin, out var to))
            return false;
        request = request with { From = from, To = to };
        if (arguments.WhatIf is null)
            return true;
        exitCode = ExitCode.Failed;
        switch (ConfigLoader.LoadPolicy(arguments.WhatIf))
        {
            case ConfigResult.Valid(var options, _):
                request = request with { WhatIf = recorded => PolicyTrial.Apply(recorded, options) };
                return true;
            case ConfigResult.Invalid invalid:
                foreach (var finding in invalid.Errors)
                    environment.Error.WriteLine(finding.ToString());
                return false;
            default:
                throw new InvalidOperationException("a configuration is valid or it is not");
        }
    }

    private static bool TryTime(
        CommandEnvironment environment, string option, string? text, DateTimeOffset? begin, out DateTimeOffset? time)
    {
        time = null;
        if (text is null)
            return true;
        if (DurationFormat.TryParse(text, out var duration) && duration <= DurationMax)
        {
            time = (begin ?? DateTimeOffset.UnixEpoch) + duration;
            return true;
        }

        if (DateTimeOffset.TryParse(
            text,
            CultureInfo.InvariantCulture,
            DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal,
            out var moment))
        {
            time = moment;
            return true;
        }

        environment.Error.WriteLine($"selfheal: {option} is {text}; expected a duration such as 10m, or a time such as "
            + "2026-04-12T03:17:00Z");
        return false;
    }

    private sealed record Arguments(
        string[] Files, bool AsJson, string? From, string? To, string? WhatIf, TimeSpan AcknowledgeDelay);
}
