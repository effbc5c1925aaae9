using System.Diagnostics;

namespace SelfHeal.Lab.Mesh;

/// <summary>
/// A real API server and a real Istiod, started by the program <c>mesh</c>. They end when its command does, and that
/// ends when our end of its input closes, whatever becomes of us.
/// </summary>
public sealed class MeshProcess : IAsyncDisposable
{
    /// <summary>The variable that names the program; else it is looked for in <c>PATH</c>.</summary>
    public const string Variable = "MESH_BIN";

    // The last line says that all of it is ready.
    private const string Command = "env | grep -E '^(KUBECTL|KUBECONFIG|ISTIOD_[A-Z]+)='; echo ready; exec cat";

    private readonly string _binary;
    private readonly string _directory = Path.Combine(
        Directory.CreateTempSubdirectory("sh-mesh-").FullName, "mesh");

    private readonly Process _process;
    private readonly Dictionary<string, string> _environment = new(StringComparer.Ordinal);

    private MeshProcess(string binary)
    {
        _binary = binary;
        _process = Start(binary, ["run", _directory, "--", "sh", "-c", Command]);
    }

    /// <summary>What a command that runs beside it finds in its environment.</summary>
    public IReadOnlyDictionary<string, string?> Environment =>
        _environment.ToDictionary(static pair => pair.Key, static string? (pair) => pair.Value, StringComparer.Ordinal);

    /// <summary>Where Istiod's metrics are.</summary>
    public string Metrics => $"http://{_environment["ISTIOD_METRICS"]}/metrics";

    /// <summary>Istiod's ADS, plain HTTP/2.</summary>
    public string Istiod => $"http://{_environment["ISTIOD_XDS"]}";

    /// <summary>The port of Istiod's ADS.</summary>
    public string XdsPort => _environment["ISTIOD_XDS"].Split(':')[1];

    /// <summary>A file that says how the API server is reached.</summary>
    public string KubeConfig => _environment["KUBECONFIG"];

    /// <summary>The program; null if there is none.</summary>
    public static string? Find()
    {
        if (System.Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } named)
            return File.Exists(named) ? named : null;
        return (System.Environment.GetEnvironmentVariable("PATH") ?? "")
            .Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
            .Select(static directory => Path.Combine(directory, "mesh"))
            .FirstOrDefault(File.Exists);
    }

    /// <summary>Starts it and waits until it is ready.</summary>
    /// <param name="binary">The program.</param>
    /// <param name="cancellationToken">Gives up; what was started is ended.</param>
    /// <exception cref="LabException">It has ended before.</exception>
    public static async Task<MeshProcess> StartAsync(string binary, CancellationToken cancellationToken)
    {
        var mesh = new MeshProcess(binary);
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

    /// <summary>Applies objects to the API server.</summary>
    /// <param name="yaml">The objects.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="LabException">They were not taken.</exception>
    public async Task ApplyAsync(string yaml, CancellationToken cancellationToken)
    {
        using var apply = Start("sh", ["-c", $"{_environment["KUBECTL"]} apply -f -"]);
        await apply.StandardInput.WriteAsync(yaml.AsMemory(), cancellationToken);
        apply.StandardInput.Close();
        await EndAsync(apply, "kubectl apply", cancellationToken);
    }

    /// <summary>Kills one of the programs, or starts it again where it was.</summary>
    /// <param name="verb"><c>kill</c> or <c>start</c>.</param>
    /// <param name="program">Such as <c>istiod</c>.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="LabException">It could not be done.</exception>
    public async Task RunAsync(string verb, string program, CancellationToken cancellationToken)
    {
        using var run = Start(_binary, [verb, _directory, program]);
        await EndAsync(run, $"mesh {verb} {program}", cancellationToken);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        _process.StandardInput.Close();
        await _process.WaitForExitAsync();
        _process.Dispose();
        Directory.Delete(Path.GetDirectoryName(_directory) ?? _directory, recursive: true);
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

        throw new LabException("mesh has ended before it was ready; its errors are above");
    }

    private static Process Start(string program, string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };
        return Process.Start(start) ?? throw new LabException($"{program} did not start");
    }

    private static async Task EndAsync(Process process, string what, CancellationToken cancellationToken)
    {
        var output = await process.StandardOutput.ReadToEndAsync(cancellationToken);
        await process.WaitForExitAsync(cancellationToken);
        if (process.ExitCode != 0)
            throw new LabException($"{what} failed: {output}");
    }
}
