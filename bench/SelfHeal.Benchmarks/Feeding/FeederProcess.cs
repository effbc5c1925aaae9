using System.Text.Json;
using SelfHeal.Benchmarks.Servers;
using SelfHeal.Lab.Processes;

namespace SelfHeal.Benchmarks.Feeding;

/// <summary>A feeding process on the machine's last core.</summary>
internal sealed class FeederProcess : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly ChildProcess _process;
    private readonly FeedOptions _options;
    private readonly string _directory;
    private readonly ServerProcess _server;

    private FeederProcess(ChildProcess process, FeedOptions options, string directory, ServerProcess server)
    {
        _server = server;
        _process = process;
        _options = options;
        _directory = directory;
    }

    /// <summary>Starts to feed.</summary>
    /// <param name="options">The result file is set here.</param>
    /// <param name="server">Whose log an error shows.</param>
    public static FeederProcess Start(FeedOptions options, ServerProcess server)
    {
        if (Environment.ProcessorCount < 2)
            throw new InvalidOperationException("one core for the server and one for its client are needed");
        var directory = Directory.CreateTempSubdirectory("selfheal-feed-").FullName;
        options = options with { ResultFile = Path.Combine(directory, "result.json") };
        var program = Environment.ProcessPath
            ?? throw new InvalidOperationException("the path of this program is unknown");
        var core = (Environment.ProcessorCount - 1).ToString(System.Globalization.CultureInfo.InvariantCulture);
        var process = ChildProcess.Start(
            "taskset", ["-c", core, program, .. options.ToArguments()], Path.Combine(directory, "feed.log"),
            TimeProvider.System);
        return new FeederProcess(process, options, directory, server);
    }

    /// <summary>Waits for its end.</summary>
    public async Task<FeedResult> WaitAsync(CancellationToken cancellationToken)
    {
        var start = TimeProvider.System.GetTimestamp();
        while (!_process.HasExited)
        {
            if (TimeProvider.System.GetElapsedTime(start) > _options.Length + Patience)
                throw new TimeoutException($"the client did not end: {await LogAsync(cancellationToken)}");
            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, cancellationToken);
        }

        if (_process.ExitCode != 0)
        {
            throw new InvalidOperationException(
                $"the client failed: {await LogAsync(cancellationToken)}; {_server.Name} said: {_server.LogTail()}");
        }


        var result = await File.ReadAllTextAsync(_options.ResultFile, cancellationToken);
        return JsonSerializer.Deserialize<FeedResult>(result)
            ?? throw new InvalidOperationException($"{_options.ResultFile} is empty");
    }

    public async ValueTask DisposeAsync()
    {
        await _process.DisposeAsync();
        Directory.Delete(_directory, recursive: true);
    }

    private Task<string> LogAsync(CancellationToken cancellationToken) =>
        File.ReadAllTextAsync(_process.LogFile, cancellationToken);
}
