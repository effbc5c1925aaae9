using System.CommandLine;
using System.Globalization;
using SelfHeal.Sidecar.Composition;
using SelfHeal.Sidecar.Config;
using SelfHeal.Sidecar.Config.Loading;
using SelfHeal.Sidecar.Judgement;
using SelfHeal.Sidecar.Recording;
using SelfHeal.Sidecar.Xds;
using SelfHeal.Xds.Snapshots;

namespace SelfHeal.Sidecar.Commands;

/// <summary><c>selfheal record import</c>: a recording from frames that somebody else kept.</summary>
internal static class RecordCommand
{
    /// <summary>Makes the command.</summary>
    /// <param name="environment">What it sees of the world.</param>
    /// <param name="help">Takes its examples.</param>
    public static Command Create(CommandEnvironment environment, CommandHelp help)
    {
        ArgumentNullException.ThrowIfNull(help);
        var command = new Command("record", "Make recordings for selfheal replay; selfheal serve makes its own.")
        {
            CreateImport(environment, help),
        };
        help.AddExamples(
            command, "selfheal record import stats.raw --output stats.shrec", "selfheal replay stats.shrec");
        return command;
    }

    private static Command CreateImport(CommandEnvironment environment, CommandHelp help)
    {
        var raw = new Argument<string>("RAW")
        {
            Description = "The frames, repeated: arrival in nanoseconds (8 bytes), length (4 bytes), and a "
                + "StreamMetricsMessage; little endian.",
        };
        var output = new Option<string>("--output", "-o")
        {
            Description = "The recording to make; it must not exist.",
            HelpName = "FILE",
            Required = true,
        };
        var config = new Option<string?>("--config", "-c")
        {
            Description = "Policy, detection and Envoy resources to replay with; without it the defaults, and every "
                + "cluster is a service of its own.",
            HelpName = "FILE",
        };
        var node = new Option<string?>("--node")
        {
            Description = "Envoy's node id, where the first frame does not name it.",
            HelpName = "NAME",
        };
        var command = new Command("import", "Make a recording from the raw frames of one stats stream.")
        {
            raw, output, config, node,
        };
        command.SetAction((parsed, cancellationToken) => Task.FromResult(Import(
            environment,
            parsed.GetRequiredValue(raw),
            parsed.GetRequiredValue(output),
            parsed.GetValue(config),
            parsed.GetValue(node),
            cancellationToken)));
        help.AddExamples(
            command,
            "selfheal record import stats.raw --output stats.shrec --config selfheal.yaml",
            "selfheal record import stats.raw --output stats.shrec --node envoy-1");
        return command;
    }

    private static int Import(
        CommandEnvironment environment,
        string raw,
        string output,
        string? config,
        string? node,
        CancellationToken cancellationToken)
    {
        try
        {
            if (!TryOptions(environment, config, node, out var options))
                return ExitCode.Failed;
            using var frames = new FileStream(raw, FileMode.Open, FileAccess.Read, FileShare.Read, 1 << 20);
            using var import = new RecordingImport(output, options);
            var fault = ReplayProgress.Run(
                environment, "import", progress => Run(raw, frames, import, progress, cancellationToken));
            import.Complete();
            environment.Out.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"{output}: {import.Messages} messages, {import.Samples} samples, {import.Length} bytes"));
            if (fault is null)
                return ExitCode.Ok;
            environment.Error.WriteLine($"selfheal: {fault}; what came before it is in the recording");
            return ExitCode.Failed;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            environment.Error.WriteLine($"selfheal: {exception.Message}");
            return ExitCode.Failed;
        }
    }

    private static RecordingFault? Run(
        string name,
        FileStream frames,
        RecordingImport import,
        Action<double> progress,
        CancellationToken cancellationToken)
    {
        var reader = new RawFrameReader(frames, name);
        while (reader.TryRead(out var arrival, out var message))
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (import.Add(arrival, message) is { } expected)
                return new RecordingFault(name, reader.FrameOffset, expected);
            progress((double)reader.Offset / frames.Length);
        }

        return import.Messages == 0 && reader.Fault is null
            ? new RecordingFault(name, 0, "at least one frame; the file is empty")
            : reader.Fault;
    }

    private static bool TryOptions(
        CommandEnvironment environment, string? config, string? node, out ImportOptions options)
    {
        options = OptionsOf(new SelfHealOptions(), node);
        if (config is null)
            return true;
        switch (ConfigLoader.LoadPolicy(config))
        {
            case ConfigResult.Valid(var loaded, _):
                options = OptionsOf(loaded, node);
                if (loaded.Xds.Resources.Length == 0)
                    return true;
                var reading = new ResourceDirectory(
                    loaded.Xds.Resources, new DescriptorSets(loaded.Xds.DescriptorSets)).Read();
                foreach (var error in reading.Errors)
                    environment.Error.WriteLine(error.ToString());
                if (reading.Snapshot is not { } snapshot)
                    return false;
                options = options with { Topology = TopologyReader.Read(snapshot) };
                return true;
            case ConfigResult.Invalid invalid:
                foreach (var finding in invalid.Errors)
                    environment.Error.WriteLine(finding.ToString());
                return false;
            default:
                throw new InvalidOperationException("a configuration is valid or it is not");
        }
    }

    private static ImportOptions OptionsOf(SelfHealOptions options, string? node) => new()
    {
        Control = CoreOptions.Of(options, new ProcessIdentity("import")),
        Node = node,
        SeriesMax = options.Detection.MaxSeriesPerStream,
    };
}
