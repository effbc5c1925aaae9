using System.Diagnostics;
using System.Globalization;

namespace SelfHeal.Benchmarks.Delegation;

/// <summary>
/// A real API server and a real Istiod, started by the program <c>mesh</c>. They end when its command does, and that
/// ends when our end of its input closes, whatever becomes of us.
/// </summary>
internal sealed class MeshProcess : IAsyncDisposable
{
    /// <summary>The variable that names the program; else it is looked for in <c>PATH</c>.</summary>
    private const string Variable = "MESH_BIN";

    // The last line says that all of it is ready.
    private const string Command = "env | grep -E '^(KUBECONFIG|ISTIOD_[A-Z]+)='; echo ready; exec cat";

    private const string Rejects = "pilot_total_xds_rejects";

    private readonly string _binary;
    private readonly string _directory = Path.Combine(
        Directory.CreateTempSubdirectory("selfheal-mesh-").FullName, "mesh");

    private readonly HttpClient _client = new(new SocketsHttpHandler { UseProxy = false });
    private readonly Process _process;
    private readonly Dictionary<string, string> _environment = new(StringComparer.Ordinal);

    private MeshProcess(string binary)
    {
        _binary = binary;
        _process = Start(binary, ["run", _directory, "--", "sh", "-c", Command]);
    }

    /// <summary>Istiod's ADS, plain HTTP/2.</summary>
    public string Istiod => $"http://{_environment["ISTIOD_XDS"]}";

    /// <summary>How the API server is reached.</summary>
    public string KubeConfig => _environment["KUBECONFIG"];

    /// <summary>Starts it and waits until it is ready.</summary>
    public static async Task<MeshProcess> StartAsync(CancellationToken cancellationToken)
    {
        var mesh = new MeshProcess(Find()
            ?? throw new InvalidOperationException($"{Variable} names no program that runs Istiod, nor does PATH"));
        try
        {
            await mesh.WaitReadyAsync(cancellationToken);
            return mesh;
        }
        catch
        {
            await mesh.DisposeAsync();
            throw;
        }
    }

    /// <summary>Kills one of the programs, or starts it again where it was.</summary>
    public async Task RunAsync(string verb, string program, CancellationToken cancellationToken)
    {
        using var run = Start(_binary, [verb, _directory, program]);
        var output = await run.StandardOutput.ReadToEndAsync(cancellationToken);
        await run.WaitForExitAsync(cancellationToken);
        if (run.ExitCode != 0)
            throw new InvalidOperationException($"mesh {verb} {program} failed: {output}");
    }

    /// <summary>How many responses proxies have rejected, as Istiod counts it.</summary>
    public async Task<double> RejectsAsync(CancellationToken cancellationToken)
    {
        var address = new Uri($"http://{_environment["ISTIOD_METRICS"]}/metrics");
        var page = await _client.GetStringAsync(address, cancellationToken);
        if (!page.Contains("pilot_xds_pushes", StringComparison.Ordinal))
            throw new InvalidDataException($"{address} tells nothing of pushes");

        // A counter that was never touched is not there.
        return page.Split('\n')
            .Where(static line => line.StartsWith(Rejects, StringComparison.Ordinal))
            .Sum(static line => double.Parse(line[(line.LastIndexOf(' ') + 1)..], CultureInfo.InvariantCulture));
    }

    public async ValueTask DisposeAsync()
    {
        _process.StandardInput.Close();
        await _process.WaitForExitAsync();
        _process.Dispose();
        _client.Dispose();
        Directory.Delete(Path.GetDirectoryName(_directory) ?? _directory, recursive: true);
    }

    private static string? Find()
    {
        if (Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } named)
            return File.Exists(named) ? named : null;
        return (Environment.GetEnvironmentVariable("PATH") ?? "")
            .Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
            .Select(static directory => Path.Combine(directory, "mesh"))
            .FirstOrDefault(File.Exists);
    }

    private static Process Start(string program, string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };
        return Process.Start(start) ?? throw new InvalidOperationException($"{program} did not start");
    }

    private async Task WaitReadyAsync(CancellationToken cancellationToken)
    {
        while (await _process.StandardOutput.ReadLineAsync(cancellationToken) is { } line)
        {
            if (line == "ready")
                return;
            if (line.Split('=', 2) is [var name, var value])
                _environment[name] = value;
        }

        throw new InvalidOperationException("mesh has ended before it was ready; its errors are above");
    }
}
