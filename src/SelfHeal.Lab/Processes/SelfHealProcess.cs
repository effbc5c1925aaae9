using System.Globalization;

namespace SelfHeal.Lab.Processes;

/// <summary>
/// A real <c>selfheal serve</c> as a child process. It can be killed as by <c>kill -9</c> and started again on the same
/// configuration and state, to show that what was declared is not forgotten.
/// </summary>
public sealed class SelfHealProcess : IAsyncDisposable
{
    private readonly SelfHealProgram _program;
    private readonly string _configFile;
    private readonly string _logFile;
    private readonly TimeProvider _time;
    private ChildProcess? _process;

    /// <summary>Prepares it; nothing runs before <see cref="StartAsync"/>.</summary>
    /// <param name="program">How to start the executable.</param>
    /// <param name="configFile">The YAML that <c>--config</c> names.</param>
    /// <param name="adminPort">Where that file lets the HTTP API listen.</param>
    /// <param name="logFile">Where its output is appended.</param>
    /// <param name="time">The clock of waits.</param>
    public SelfHealProcess(
        SelfHealProgram program, string configFile, int adminPort, string logFile, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(program);
        ArgumentNullException.ThrowIfNull(time);
        _program = program;
        _configFile = configFile;
        _logFile = logFile;
        _time = time;
        Admin = new Uri(string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{adminPort}"));
    }

    /// <summary>The base address of its HTTP API.</summary>
    public Uri Admin { get; }

    /// <summary>Where its log is.</summary>
    public string LogFile => _logFile;

    /// <summary>Whether it runs.</summary>
    public bool IsRunning => _process is { HasExited: false };

    /// <summary>Starts it, or starts it again after it ended, and waits for <c>/readyz</c>.</summary>
    /// <param name="timeout">How long to wait.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    public async Task StartAsync(TimeSpan timeout, CancellationToken cancellationToken)
    {
        if (IsRunning)
            throw new InvalidOperationException("selfheal runs already");
        if (_process is not null)
            await _process.DisposeAsync();
        string[] arguments = [.. _program.Arguments, "serve", "--config", _configFile];
        _process = ChildProcess.Start(_program.Path, arguments, _logFile, _time);
        await _process.WaitReadyAsync(new Uri(Admin, "/readyz"), timeout, cancellationToken);
    }

    /// <summary>Ends it as <c>kill -9</c> does.</summary>
    /// <param name="cancellationToken">Gives up waiting for its end.</param>
    public Task KillAsync(CancellationToken cancellationToken) =>
        _process?.KillAsync(cancellationToken) ?? Task.CompletedTask;

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_process is not null)
            await _process.DisposeAsync();
    }
}
