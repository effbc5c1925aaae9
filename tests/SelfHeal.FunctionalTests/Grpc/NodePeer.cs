using System.Diagnostics;
using System.Reflection;
using System.Text.Json;

namespace SelfHeal.FunctionalTests.Grpc;

/// <summary>A grpc-js process. It must be there: a missing Node.js fails the test.</summary>
internal sealed class NodePeer : IDisposable
{
    private readonly Process _process;

    private NodePeer(Process process) => _process = process;

    public static NodePeer Start(string script, params string[] arguments)
    {
        var folder = typeof(NodePeer).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>()
            .Single(a => a.Key is "GrpcJs").Value!;
        var start = new ProcessStartInfo("node", [script, .. arguments])
        {
            WorkingDirectory = folder,
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        var process = Process.Start(start) ?? throw new InvalidOperationException("node did not start");
        process.ErrorDataReceived += (_, line) => TestContext.Out.WriteLine(line.Data);
        process.BeginErrorReadLine();
        return new NodePeer(process);
    }

    public static async Task<JsonElement> RunClientAsync(GrpcTestServer server, string scenario)
    {
        using var peer = Start("client.js", server.Address, scenario);
        return await peer.ReadJsonAsync();
    }

    public async Task<string> ReadLineAsync() =>
        await _process.StandardOutput.ReadLineAsync().DefaultTimeout()
            ?? throw new EndOfStreamException("node has ended");

    public async Task<JsonElement> ReadJsonAsync() => JsonDocument.Parse(await ReadLineAsync()).RootElement;

    public void Dispose()
    {
        if (!_process.HasExited)
            _process.Kill();
        _process.Dispose();
    }
}
