using Spectre.Console;

namespace SelfHeal.Sidecar.Commands;

/// <summary>What a command sees of the world around it.</summary>
/// <param name="Out">Where results go.</param>
/// <param name="Error">Where complaints go.</param>
/// <param name="IsTerminal">Whether a person looks at <paramref name="Out"/>; otherwise everything is plain, one thing
/// per line, for grep and awk.</param>
/// <param name="Variable">Reads an environment variable; null when it is not set.</param>
/// <param name="Time">The clock.</param>
internal sealed record CommandEnvironment(
    TextWriter Out,
    TextWriter Error,
    bool IsTerminal,
    Func<string, string?> Variable,
    TimeProvider Time)
{
    /// <summary>The environment of this process.</summary>
    public static CommandEnvironment OfProcess() => new(
        Console.Out,
        Console.Error,
        IsTerminal: !Console.IsOutputRedirected,
        Environment.GetEnvironmentVariable,
        TimeProvider.System);

    /// <summary>A console with colours and widgets; for terminals only.</summary>
    public IAnsiConsole CreateAnsiConsole() =>
        AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(Out) });
}
