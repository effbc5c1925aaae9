using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;

namespace SelfHeal.Sidecar.Commands;

/// <summary>Adds examples to the help of commands; a command without one fails a test.</summary>
internal sealed class CommandHelp
{
    private readonly Dictionary<Command, string[]> _examples = [];

    /// <summary>Remembers what to show below a command's options.</summary>
    /// <param name="command">The command.</param>
    /// <param name="lines">What to type, each line complete; comments start with #.</param>
    public void AddExamples(Command command, params string[] lines)
    {
        ArgumentNullException.ThrowIfNull(command);
        ArgumentNullException.ThrowIfNull(lines);
        _examples.Add(command, lines);
    }

    /// <summary>The lines of a command; none when it has no examples.</summary>
    /// <param name="command">The command.</param>
    public IReadOnlyList<string> ExamplesOf(Command command) => _examples.GetValueOrDefault(command) ?? [];

    /// <summary>The option <c>--help</c>, for the root command.</summary>
    public HelpOption CreateOption() => new() { Action = new HelpWithExamples(this) };

    private sealed class HelpWithExamples(CommandHelp help) : SynchronousCommandLineAction
    {
        private readonly HelpAction _usual = new();

        public override bool ClearsParseErrors => true;

        public override int Invoke(ParseResult parseResult)
        {
            var result = _usual.Invoke(parseResult);
            var examples = help.ExamplesOf(parseResult.CommandResult.Command);
            var output = parseResult.InvocationConfiguration.Output;
            if (examples.Count > 0)
                output.WriteLine("Examples:");
            foreach (var line in examples)
                output.WriteLine(line.Length == 0 ? "" : $"  {line}");
            if (examples.Count > 0)
                output.WriteLine();
            return result;
        }
    }
}
