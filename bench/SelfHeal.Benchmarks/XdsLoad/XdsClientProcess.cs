using System.Globalization;
using System.Text.Json;
using SelfHeal.Benchmarks.Servers;
using SelfHeal.Lab.Processes;

namespace SelfHeal.Benchmarks.XdsLoad;

/// <summary>A process of load clients on the machine's last core.</summary>
internal sealed class XdsClientProcess : IAsyncDisposable
{
    private static readonly TimeSpan LookInterval = TimeSpan.FromMilliseconds(20);

    /// <summary>Beyond what the clients themselves allow for a sync, pushes and the time of holding.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(4);

    private readonly ChildProcess _process;
    private readonly XdsLoadOptions _options;
    private readonly string _directory;
    private readonly ServerProcess _server;

    private XdsClientProcess(ChildProcess process, XdsLoadOptions options, string directory, ServerProcess server)
    {
        _process = process;
        _options = options;
        _directory = directory;
        _server = server;
    }

    /// <summary>Runs clients to their end.</summary>
    public static async Task<XdsLoadResult> RunAsync(
        XdsLoadOptions options, ServerProcess server, CancellationToken cancellationToken)
    {
        await using var clients = Start(options, server);
        return await clients.WaitAsync(cancellationToken);
    }

    /// <summary>Starts clients.</summary>
    /// <param name="options">Ports and files are set here.</param>
    /// <param name="server">What they connect to.</param>
    public static XdsClientProcess Start(XdsLoadOptions options, ServerProcess server)
    {
        if (Environment.ProcessorCount < 2)
            throw new InvalidOperationException("one core for the server and one for its clients are needed");
        var directory = Directory.CreateTempSubdirectory("selfheal-xds-").FullName;
        options = options with
        {
            Port = server.Port,
            ControlPort = options.Pushes > 0 ? server.Admin.Port : 0,
            ResultFile = Path.Combine(directory, "result.json"),
            SyncedFile = Path.Combine(directory, "synced"),
        };
        var program = Environment.ProcessPath
            ?? throw new InvalidOperationException("the path of this program is unknown");
        var core = (Environment.ProcessorCount - 1).ToString(CultureInfo.InvariantCulture);

        // Its methods are compiled for good at once: compiling them again later would take its core's time.
        var process = ChildProcess.Start(
            "taskset",
            ["-c", core, "env", "DOTNET_TieredCompilation=0", program, "xds-client", options.ToArgument()],
            Path.Combine(directory, "clients.log"),
            TimeProvider.System);
        return new XdsClientProcess(process, options, directory, server);
    }

    /// <summary>Waits until every stream has everything.</summary>
    public Task WaitSyncedAsync(CancellationToken cancellationToken) =>
        WaitForAsync(() => File.Exists(_options.SyncedFile), cancellationToken);

    /// <summary>Waits for the clients' end.</summary>
    public async Task<XdsLoadResult> WaitAsync(CancellationToken cancellationToken)
    {
        await WaitForAsync(static () => false, cancellationToken);
        var result = await File.ReadAllTextAsync(_options.ResultFile, cancellationToken);
        return JsonSerializer.Deserialize<XdsLoadResult>(result)
            ?? throw new InvalidOperationException($"{_options.ResultFile} is empty");
    }

    public async ValueTask DisposeAsync()
    {
        await _process.DisposeAsync();
        Directory.Delete(_directory, recursive: true);
    }

    private async Task WaitForAsync(Func<bool> isDone, CancellationToken cancellationToken)
    {
        var start = TimeProvider.System.GetTimestamp();
        while (!isDone() && !_process.HasExited)
        {
            if (TimeProvider.System.GetElapsedTime(start) > _options.Hold + Patience)
                throw new TimeoutException($"the clients did not end: {await LogAsync(cancellationToken)}");
            await Task.Delay(LookInterval, TimeProvider.System, cancellationToken);
        }

        if (_process.HasExited && _process.ExitCode != 0)
        {
            throw new InvalidOperationException(
                $"the clients of {_server.Name} failed: {await LogAsync(cancellationToken)}; the server said: "
                + _server.LogTail());
        }
    }

    private Task<string> LogAsync(CancellationToken cancellationToken) =>
        File.ReadAllTextAsync(_process.LogFile, cancellationToken);
}
