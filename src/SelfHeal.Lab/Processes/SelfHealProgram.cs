using System.Collections.Immutable;
using System.Reflection;

namespace SelfHeal.Lab.Processes;

/// <summary>How to start the <c>selfheal</c> executable.</summary>
/// <param name="Path">The program.</param>
/// <param name="Arguments">What comes before the command, such as the assembly when the program is
/// <c>dotnet</c>.</param>
public sealed record SelfHealProgram(string Path, ImmutableArray<string> Arguments)
{
    /// <summary>The executable that runs now: the demo starts a second process of itself.</summary>
    public static SelfHealProgram Current()
    {
        var path = Environment.ProcessPath
            ?? throw new LabException("the path of the running executable is unknown; start it by its full path");
        if (!string.Equals(System.IO.Path.GetFileNameWithoutExtension(path), "dotnet", StringComparison.Ordinal))
            return new SelfHealProgram(path, []);
        var assembly = Assembly.GetEntryAssembly()?.Location
            ?? throw new LabException("the running assembly is unknown; start selfheal by its own executable");
        return new SelfHealProgram(path, [assembly]);
    }
}
