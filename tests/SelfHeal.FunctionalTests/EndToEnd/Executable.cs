using System.Collections.Immutable;
using System.Diagnostics;

namespace SelfHeal.FunctionalTests.EndToEnd;

/// <summary>Runs the <c>selfheal</c> executable that the build left beside the tests.</summary>
internal static class Executable
{
    public static string SelfHeal { get; } = Path.Combine(AppContext.BaseDirectory, "selfheal");

    /// <summary>Runs it to its end; ended with everything that it started when the test gives up.</summary>
    /// <param name="arguments">Its command line.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <param name="environment">Variables over those of the test; null values take one away.</param>
    public static async Task<(int Code, string Output, string Error)> RunAsync(
        IEnumerable<string> arguments,
        CancellationToken cancellationToken,
        IReadOnlyDictionary<string, string?>? environment = null)
    {
        var start = new ProcessStartInfo(SelfHeal, arguments)
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var (name, value) in environment ?? ImmutableDictionary<string, string?>.Empty)
            start.Environment[name] = value;
        using var process = Process.Start(start) ?? throw new InvalidOperationException($"{SelfHeal} did not start");
        try
        {
            var output = process.StandardOutput.ReadToEndAsync(cancellationToken);
            var error = process.StandardError.ReadToEndAsync(cancellationToken);
            await process.WaitForExitAsync(cancellationToken);
            return (process.ExitCode, await output, await error);
        }
        finally
        {
            if (!process.HasExited)
                process.Kill(entireProcessTree: true);
        }
    }
}
