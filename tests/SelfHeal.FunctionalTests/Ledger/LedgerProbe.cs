using System.Diagnostics;
using System.Text;

namespace SelfHeal.FunctionalTests.Ledger;

/// <summary>Runs the probe, a process that appends to a ledger, and waits for its end.</summary>
internal static class LedgerProbe
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(60);

    /// <summary>The built probe; the build copies it beside the tests that reference it.</summary>
    private static string Assembly => Path.Combine(AppContext.BaseDirectory, "SelfHeal.LedgerProbe.dll");

    /// <summary>Appends <paramref name="count"/> entries in another process.</summary>
    public static Task<ProbeRun> RunAsync(string ledgerPath, int count) =>
        RunAsync("dotnet", ["exec", Assembly, ledgerPath, $"{count}"]);

    /// <summary>The same under strace, which writes every flush and write of every thread to a file.</summary>
    public static Task<ProbeRun> TraceAsync(string tracePath, string ledgerPath, int count) => RunAsync("strace", [
        // -f: all threads; -y: the path of each descriptor; -s: a whole page, so that the payload is seen.
        "-f", "-y", "-s", "8192", "-e", "trace=write,pwrite64,pwritev,writev,fsync,fdatasync", "-o", tracePath,
        "dotnet", "exec", Assembly, ledgerPath, $"{count}",
    ]);

    /// <summary>Appends with files limited to <paramref name="blocks"/> of 1024 bytes: writes fail half way.</summary>
    public static Task<ProbeRun> RunWithFileLimitAsync(string ledgerPath, int count, int blocks) => RunAsync("bash", [
        "-c", $"trap '' XFSZ; ulimit -f {blocks}; exec dotnet exec \"$0\" \"$1\" \"$2\"",
        Assembly, ledgerPath, $"{count}",
    ]);

    private static async Task<ProbeRun> RunAsync(string program, string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            StandardOutputEncoding = Encoding.UTF8,
        };

        // The debugger's pipe and the executable mappings are files too, which a file limit would hit.
        start.Environment["DOTNET_EnableDiagnostics"] = "0";
        start.Environment["DOTNET_EnableWriteXorExecute"] = "0";
        using var process = Process.Start(start) ?? throw new InvalidOperationException($"{program} did not start");
        using var deadline = new CancellationTokenSource(Deadline);
        try
        {
            var output = process.StandardOutput.ReadToEndAsync(deadline.Token);
            var error = process.StandardError.ReadToEndAsync(deadline.Token);
            await process.WaitForExitAsync(deadline.Token);
            return new ProbeRun(process.ExitCode, await output, await error);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw;
        }
    }

    /// <summary>How the probe ended.</summary>
    internal sealed record ProbeRun(int ExitCode, string Output, string Error);
}
