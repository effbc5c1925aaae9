using System.Diagnostics;
using System.Runtime.InteropServices;

namespace SelfHeal.Lab.Processes;

/// <summary>
/// One process that the lab started and therefore may end: by its id, never by a name. What it prints goes to a file.
/// </summary>
public sealed class ChildProcess : IAsyncDisposable
{
    /// <summary>A log that grows beyond 64 MiB is of no use to a demo: the rest is dropped.</summary>
    private const long MaxLogBytes = 64 * 1024 * 1024;

    private const int SigTerm = 15;

    private static readonly TimeSpan GraceOfStop = TimeSpan.FromSeconds(10);

    private readonly Process _process;
    private readonly StreamWriter _log;
    private readonly Lock _logLock = new();
    private readonly TimeProvider _time;
    private bool _logClosed;

    private ChildProcess(Process process, string logFile, TimeProvider time)
    {
        _process = process;
        _time = time;
        LogFile = logFile;

        // Appended: after a restart the file tells the whole story.
        _log = new StreamWriter(new FileStream(logFile, FileMode.Append, FileAccess.Write, FileShare.ReadWrite))
        {
            AutoFlush = true,
        };
    }

    /// <summary>Where its output is.</summary>
    public string LogFile { get; }

    /// <summary>The process id.</summary>
    public int Id => _process.Id;

    /// <summary>Whether it has ended.</summary>
    public bool HasExited => _process.HasExited;

    /// <summary>The exit code once it has ended.</summary>
    public int ExitCode => _process.ExitCode;

    /// <summary>Starts a program.</summary>
    /// <param name="program">Its path.</param>
    /// <param name="arguments">Its arguments, not quoted.</param>
    /// <param name="logFile">Where its output is appended.</param>
    /// <param name="time">The clock of its stop's grace.</param>
    public static ChildProcess Start(string program, IEnumerable<string> arguments, string logFile, TimeProvider time)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
        };
        var process = new Process { StartInfo = start };
        var child = new ChildProcess(process, logFile, time);
        process.OutputDataReceived += (_, line) => child.Log(line.Data);
        process.ErrorDataReceived += (_, line) => child.Log(line.Data);
        ProcessStarter.Start(process);
        process.StandardInput.Close();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return child;
    }

    /// <summary>Ends it as <c>kill -9</c> does: it gets no chance to tidy up.</summary>
    /// <param name="cancellationToken">Gives up waiting for its end.</param>
    public async Task KillAsync(CancellationToken cancellationToken)
    {
        if (!_process.HasExited)
            _process.Kill();
        await _process.WaitForExitAsync(cancellationToken);
    }

    /// <summary>Asks it to end with SIGTERM, and kills it when it has not ended after ten seconds.</summary>
    /// <param name="cancellationToken">Gives up waiting for its end.</param>
    /// <returns>Whether it ended by itself.</returns>
    public async Task<bool> StopAsync(CancellationToken cancellationToken)
    {
        if (_process.HasExited)
            return true;
        _ = SendSignal(_process.Id, SigTerm);
        using var grace = new CancellationTokenSource(GraceOfStop, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(grace.Token, cancellationToken);
        try
        {
            await _process.WaitForExitAsync(either.Token);
            return true;
        }
        catch (OperationCanceledException)
        {
            await KillAsync(CancellationToken.None);
            return false;
        }
    }

    /// <summary>Waits until an HTTP probe answers with success.</summary>
    /// <param name="probe">Such as <c>/ready</c> of an admin interface.</param>
    /// <param name="timeout">How long to wait.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <exception cref="LabException">It ended, or was not ready in time; the message has the end of its
    /// log.</exception>
    public async Task WaitReadyAsync(Uri probe, TimeSpan timeout, CancellationToken cancellationToken)
    {
        var start = _time.GetTimestamp();
        using var client = new HttpClient(new SocketsHttpHandler { UseProxy = false });

        // Bounded by the timeout.
        while (true)
        {
            try
            {
                using var response = await client.GetAsync(probe, cancellationToken);
                if (response.IsSuccessStatusCode)
                    return;
            }
            catch (HttpRequestException)
            {
                // Not listening yet.
            }

            var name = Path.GetFileName(_process.StartInfo.FileName);
            if (_process.HasExited)
                throw new LabException($"{name} ended with code {ExitCode} before it was ready:\n{LogTail()}");
            if (_time.GetElapsedTime(start) > timeout)
                throw new LabException($"{name} was not ready within {timeout.TotalSeconds} s:\n{LogTail()}");
            await Task.Delay(TimeSpan.FromMilliseconds(50), _time, cancellationToken);
        }
    }

    /// <summary>Waits until it has ended by itself with code 0.</summary>
    /// <param name="timeout">How long to wait.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <exception cref="LabException">It failed, or has not ended in time; the message has the end of its
    /// log.</exception>
    public async Task WaitEndAsync(TimeSpan timeout, CancellationToken cancellationToken)
    {
        using var patience = new CancellationTokenSource(timeout, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, cancellationToken);
        var command = string.Join(' ', _process.StartInfo.ArgumentList);
        try
        {
            await _process.WaitForExitAsync(either.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new LabException($"{command} has not ended within {timeout.TotalSeconds} s:\n{LogTail()}");
        }

        if (ExitCode != 0)
            throw new LabException($"{command} ended with code {ExitCode}:\n{LogTail()}");
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await StopAsync(CancellationToken.None);
        _process.Dispose();
        lock (_logLock)
        {
            _logClosed = true;
            _log.Dispose();
        }
    }

    [DllImport("libc", EntryPoint = "kill", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int SendSignal(int processId, int signal);

    private string LogTail()
    {
        var lines = File.ReadAllLines(LogFile);
        return string.Join('\n', lines.TakeLast(15));
    }

    private void Log(string? line)
    {
        if (line is null)
            return;
        lock (_logLock)
        {
            if (!_logClosed && _log.BaseStream.Length < MaxLogBytes)
                _log.WriteLine(line);
        }
    }
}
