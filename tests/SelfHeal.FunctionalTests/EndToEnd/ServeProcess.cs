using System.Diagnostics;
using System.Text.Json;
using SelfHeal.Lab.Processes;

namespace SelfHeal.FunctionalTests.EndToEnd;

/// <summary>A <c>selfheal serve</c> that a test starts, kills, stops and starts again on the same files.</summary>
/// <param name="directory">Where its configuration and its log are.</param>
internal sealed class ServeProcess(string directory) : IAsyncDisposable
{
    private ChildProcess? _process;

    /// <summary>What <c>--config</c> names.</summary>
    public string ConfigFile { get; } = Path.Combine(directory, "selfheal.yaml");

    /// <summary>The exit code once it has ended.</summary>
    public int ExitCode => Current.ExitCode;

    private string LogFile { get; } = Path.Combine(directory, "selfheal.log");

    private ChildProcess Current => _process ?? throw new InvalidOperationException("selfheal was never started");

    /// <summary>Starts it, for the first time or again; it is not ready yet.</summary>
    public void Start() => _process = ChildProcess.Start(
        Executable.SelfHeal, ["serve", "--config", ConfigFile], LogFile, TimeProvider.System);

    /// <summary>Waits for <c>/readyz</c>.</summary>
    public Task WaitReadyAsync(Uri admin, CancellationToken cancellationToken) =>
        Current.WaitReadyAsync(new Uri(admin, "/readyz"), Gateway.Patience, cancellationToken);

    /// <summary>Ends it as <c>kill -9</c> does.</summary>
    public async Task KillAsync(CancellationToken cancellationToken)
    {
        await Current.KillAsync(cancellationToken);
        await Current.DisposeAsync();
        _process = null; // A gateway may end without another start.
    }

    /// <summary>Sends SIGTERM; how long it took to end. One that had to be killed fails the test.</summary>
    public async Task<TimeSpan> StopAsync(CancellationToken cancellationToken)
    {
        var asked = Stopwatch.GetTimestamp();
        Assert.That(await Current.StopAsync(cancellationToken), Is.True, "it ended by itself");
        return Stopwatch.GetElapsedTime(asked);
    }

    /// <summary>Everything that it has logged.</summary>
    public string ReadLog()
    {
        if (!File.Exists(LogFile))
            return "";
        using var stream = new FileStream(LogFile, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }

    /// <summary>The log's messages with one event id, in order.</summary>
    public IReadOnlyList<ServeLogEntry> Logged(int eventId) =>
        [.. ReadLog().Split('\n').Select(Parse).OfType<ServeLogEntry>().Where(entry => entry.EventId == eventId)];

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _process?.DisposeAsync() ?? ValueTask.CompletedTask;

    private static ServeLogEntry? Parse(string line)
    {
        // The last line may be on its way.
        if (!line.StartsWith('{') || !line.EndsWith('}'))
            return null;
        using var json = JsonDocument.Parse(line);
        var root = json.RootElement;
        var properties = root.GetProperty("Properties");
        if (!properties.TryGetProperty("EventId", out var id))
            return null;
        return new ServeLogEntry(
            root.GetProperty("Timestamp").GetDateTimeOffset(),
            id.GetProperty("Id").GetInt32(),
            root.GetProperty("RenderedMessage").GetString() ?? "");
    }
}
