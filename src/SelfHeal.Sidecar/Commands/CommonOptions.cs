using System.CommandLine;

namespace SelfHeal.Sidecar.Commands;

/// <summary>Options that several commands share; each call makes a new one, as each belongs to one command.</summary>
internal static class CommonOptions
{
    /// <summary>The environment variable that stands in for <c>--admin</c>.</summary>
    public const string AdminVariable = "SELFHEAL_ADMIN";

    /// <summary>Where the admin API is looked for without any hint.</summary>
    public const string AdminDefault = "http://127.0.0.1:18001";

    /// <summary><c>--config FILE</c>, required.</summary>
    public static Option<string> CreateConfig() => new("--config", "-c")
    {
        Description = "The configuration file; docs/configuration.md lists its keys.",
        HelpName = "FILE",
        Required = true,
    };

    /// <summary><c>--admin URL</c>.</summary>
    public static Option<string?> CreateAdmin() => new("--admin")
    {
        Description = "The admin API of the running process: http://HOST:PORT or unix:/PATH. "
            + $"Without it: ${AdminVariable}, then {AdminDefault}.",
        HelpName = "URL",
    };

    /// <summary><c>--json</c>.</summary>
    /// <param name="description">What it prints.</param>
    public static Option<bool> CreateJson(string description) => new("--json") { Description = description };
}
