using System.Diagnostics;

namespace SelfHeal.FunctionalTests.EndToEnd;

/// <summary>Runs the <c>selfheal</c> executable that the build left beside the tests.</summary>
internal static class Executable
{
    public static string SelfHeal { get; } = Path.Combine(AppContext.BaseDirectory, "selfheal");

    /// <summary>Runs it to its end; ended with everything that it started when the test gives up.</summary>
    public static async Task<(int Code, string Output, string Error)> RunAsync(
        IEnumerable<string> arguments, CancellationToken cancellationToken)
    {
        using var process = Process.Start(new ProcessStartInfo(SelfHeal, arguments)
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        }) ?? throw new InvalidOperationException($"{SelfHeal} did not start");
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
