using System.Diagnostics;
using System.Reflection;
using SelfHeal.FunctionalTests.Lab.Processes;

namespace SelfHeal.FunctionalTests.Conformance;

/// <summary>A gRPC client with an xDS client of its own, which calls <c>xds:///service</c> all the time.</summary>
internal sealed class GrpcXdsPeer : IDisposable
{
    private readonly Process _process;
    private readonly string _bootstrap;

    private GrpcXdsPeer(ProcessStartInfo start, int xds)
    {
        // The node's name is that of the program, for the server's log.
        _bootstrap = Path.GetTempFileName();
        File.WriteAllText(_bootstrap, $$"""
            {
              "xds_servers": [{
                "server_uri": "127.0.0.1:{{xds}}",
                "channel_creds": [{"type": "insecure"}],
                "server_features": ["xds_v3"]
              }],
              "node": {"id": "{{Path.GetFileName(start.FileName)}}", "locality": {"region": "here"} }
            }
            """);
        start.Environment["GRPC_XDS_BOOTSTRAP"] = _bootstrap;
        start.UseShellExecute = false;
        start.RedirectStandardInput = true;
        start.RedirectStandardOutput = true;
        start.RedirectStandardError = true;
        _process = Process.Start(start) ?? throw new InvalidOperationException($"{start.FileName} did not start");
        _process.ErrorDataReceived += static (_, line) => TestContext.Out.WriteLine(line.Data);
        _process.BeginErrorReadLine();
    }

    /// <summary><c>@grpc/grpc-js-xds</c>, which the build has installed: a missing Node.js fails the test.</summary>
    public static GrpcXdsPeer StartJavaScript(int xds) =>
        new(new ProcessStartInfo("node", [Script("grpc-js-xds/client.js")]), xds);

    /// <summary>The xDS client of gRPC's C core, as Debian's <c>python3-grpcio</c> has it.</summary>
    public static GrpcXdsPeer StartCore(int xds)
    {
        var python = PeerRequirement.Needs(
            FindPython(), "a Python with grpc (python3 of PATH, or Debian's python3-grpcio)");
        return new(new ProcessStartInfo(python, [Script("grpc-core/client.py")]), xds);
    }

    /// <summary>Who answered the next call; an error fails the test.</summary>
    public async Task<string> NextAsync()
    {
        var line = await _process.StandardOutput.ReadLineAsync().DefaultTimeout()
            ?? throw new AssertionException("the client has ended");
        Assert.That(line, Does.Not.StartWith("error"), "a call has failed");
        return line;
    }

    /// <summary>Reads on until a row of calls was answered by the same one; no call fails on the way.</summary>
    public async Task AnswersAsync(string name, int times = 50)
    {
        // 30 s of calls; a change that does not arrive is found before.
        for (var (row, calls) = (0, 0); row < times; calls++)
        {
            Assert.That(calls, Is.LessThan(10_000), $"{name} was awaited");
            row = await NextAsync() == name ? row + 1 : 0;
        }
    }

    public void Dispose()
    {
        if (!_process.HasExited)
            _process.Kill();
        _process.Dispose();
        File.Delete(_bootstrap);
    }

    private static string Script(string name) => Path.Combine(
        typeof(GrpcXdsPeer).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>()
            .Single(static a => a.Key is "Conformance").Value ?? "",
        name);

    /// <summary>A Python of one's own may hide that of the system, which Debian's packages belong to.</summary>
    private static string? FindPython() => ((string[])["python3", "/usr/bin/python3"]).FirstOrDefault(static python =>
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo(python, ["-c", "import grpc"])
            {
                UseShellExecute = false,
                RedirectStandardError = true,
            });
            return process is not null && process.WaitForExit(TestTimeouts.Default) && process.ExitCode == 0;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return false; // There is no such program.
        }
    });
}
