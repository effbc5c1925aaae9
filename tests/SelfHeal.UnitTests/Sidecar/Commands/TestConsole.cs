using SelfHeal.Sidecar.Commands;
using SelfHeal.Sidecar.Composition;

namespace SelfHeal.UnitTests.Sidecar.Commands;

/// <summary>Runs the command line in process, with everything it prints in memory.</summary>
internal sealed class TestConsole
{
    private readonly StringWriter _out = new();
    private readonly StringWriter _error = new();

    public Dictionary<string, string> Variables { get; } = new(StringComparer.Ordinal);

    public string Out => _out.ToString();

    public string Error => _error.ToString();

    public SelfHealCommandLine CommandLine => new(Environment, SidecarParts.Create());

    public CommandEnvironment Environment =>
        new(_out, _error, IsTerminal: false, name => Variables.GetValueOrDefault(name), TimeProvider.System);

    public Task<int> RunAsync(params string[] arguments) =>
        CommandLine.RunAsync(arguments, CancellationToken.None).WaitAsync(TimeSpan.FromSeconds(30));
}
