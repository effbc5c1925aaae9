using System.CommandLine;
using SelfHeal.Sidecar.Composition;
using SelfHeal.Sidecar.Config;
using SelfHeal.Sidecar.Config.Loading;

namespace SelfHeal.Sidecar.Commands;

/// <summary><c>selfheal check</c>: says everything that is wrong with a configuration, and starts nothing.</summary>
internal static class CheckCommand
{
    /// <summary>Makes the command.</summary>
    /// <param name="environment">What it sees of the world.</param>
    /// <param name="help">Takes its examples.</param>
    /// <param name="parts">How resources are checked.</param>
    public static Command Create(CommandEnvironment environment, CommandHelp help, ApplicationParts parts)
    {
        ArgumentNullException.ThrowIfNull(help);
        var config = CommonOptions.CreateConfig();
        var command = new Command(
            "check", "Check a configuration and the Envoy resources that it names. Every finding is one line: "
                + "file:line:column: field: message.") { config };
        command.SetAction((parsed, _) => RunAsync(environment, parts, parsed.GetRequiredValue(config)));
        help.AddExamples(
            command,
            "selfheal check --config selfheal.yaml",
            "selfheal check --config selfheal.yaml && systemctl restart selfheal    # exit code 1: findings");
        return command;
    }

    private static async Task<int> RunAsync(CommandEnvironment environment, ApplicationParts parts, string path)
    {
        var output = environment.Out;
        switch (ConfigLoader.Load(path))
        {
            case ConfigResult.Invalid invalid:
                foreach (var finding in invalid.Errors)
                    await output.WriteLineAsync(finding.ToString());
                return ExitCode.Failed;
            case ConfigResult.Valid(var options, var warnings):
                foreach (var warning in warnings)
                    await output.WriteLineAsync(WarningOf(warning).ToString());
                return await CheckResourcesAsync(output, parts, path, options);
            default:
                throw new InvalidOperationException("a configuration is valid or it is not");
        }
    }

    private static async Task<int> CheckResourcesAsync(
        TextWriter output, ApplicationParts parts, string path, SelfHealOptions options)
    {
        var sets = options.Xds.DescriptorSets;
        // In delegate mode there is nothing of ours to check: the upstream answers for what it serves.
        var checks = options.Mode == OperatingMode.Delegate
            ? []
            : XdsGroups.Of(options.Xds).Fixed
                .Select(group => parts.CheckResources(group.Resources, sets))
                .ToList();
        foreach (var finding in checks.SelectMany(static check => check.Errors))
            await output.WriteLineAsync(finding.ToString());
        foreach (var finding in checks.SelectMany(static check => check.Warnings))
            await output.WriteLineAsync(WarningOf(finding).ToString());
        if (checks.Exists(static check => check.Errors.Length > 0))
            return ExitCode.Failed;
        var policy = options.Policy;
        var summary = options.Mode == OperatingMode.Delegate
            ? $"relays {string.Join(", ", options.Upstream.Addresses)}"
            : string.Join(", ", checks.Select(static check => check.Summary));
        await output.WriteLineAsync($"OK: {path}: {summary}; xDS on {options.Xds.Listen}, "
            + $"admin on {options.Admin.Listen}; policy version {policy.Version}, "
            + $"default ring {policy.DefaultRing}, services with rules of their own: {policy.Services.Count}"
            + (policy.Freeze ? "; frozen: nothing will be acted on" : ""));
        return ExitCode.Ok;
    }

    private static ConfigFinding WarningOf(ConfigFinding finding) =>
        finding with { Message = $"warning: {finding.Message}" };
}
