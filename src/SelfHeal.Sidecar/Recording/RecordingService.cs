using System.Diagnostics.Metrics;
using System.Globalization;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using SelfHeal.Core.Recording;
using SelfHeal.Sidecar.Config;
using SelfHeal.Sidecar.Judgement;

namespace SelfHeal.Sidecar.Recording;

/// <summary>
/// Writes the chunks of <see cref="StepRecorder"/> to files, begins a new one when one is long enough, and deletes the
/// oldest. A disk that fails ends the recording with an error in the log, and nothing else.
/// </summary>
internal sealed partial class RecordingService : IHostedService
{
    /// <summary>What the names of recordings end with.</summary>
    public const string Extension = ".shrec";

    private const string Prefix = "selfheal-";

    private readonly RecordingOptions _options;
    private readonly StepRecorder _recorder;
    private readonly Restored _restored;
    private readonly ILogger<RecordingService> _logger;
    private readonly Counter<long> _bytes;
    private readonly Counter<long> _failures;
    private Task _writing = Task.CompletedTask;
    private RecordingFile? _file;
    private string _path = "";
    private long _counted;
    private bool _isContinuation;

    public RecordingService(
        RecordingOptions options,
        StepRecorder recorder,
        Restored restored,
        IMeterFactory meters,
        ILogger<RecordingService> logger)
    {
        ArgumentNullException.ThrowIfNull(recorder);
        _options = options;
        _recorder = recorder;
        _restored = restored;
        _logger = logger;
        var meter = meters.Create("SelfHeal.Recording");
        _bytes = meter.CreateCounter<long>("selfheal.recording.written", "By", "Bytes of recordings written");
        _failures = meter.CreateCounter<long>(
            "selfheal.recording.failures", description: "Recordings that ended because their disk failed");
    }

    /// <inheritdoc/>
    public Task StartAsync(CancellationToken cancellationToken)
    {
        if (_options.Directory is not { } directory)
            return Task.CompletedTask;

        // Before the control loop starts, so that its first step is in the recording. A background service would not
        // do: one that is stopped at once never runs, and what was recorded until then must be written.
        _recorder.Start();
        _writing = WriteAsync(directory);
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        // The control loop was started after this and has been stopped before it; this is for one that never ran.
        _recorder.Complete();
        try
        {
            await _writing.WaitAsync(cancellationToken);
        }
        catch (OperationCanceledException)
        {
            // The disk hangs, and the host waits no longer: the file ends without its index, as after a crash.
            LogAbandoned(_logger, _path);
        }
    }

    private async Task WriteAsync(string directory)
    {
        try
        {
            // Not ended by a token: what was recorded is written first, and then the channel is complete.
            await foreach (var chunk in _recorder.Chunks.ReadAllAsync(CancellationToken.None))
            {
                Write(directory, chunk);
                _recorder.Return(chunk);
            }

            EndFile();
        }
        catch (Exception error)
        {
            // A full disk, a directory that went away, or a bug: the judgement goes on without a recording.
            _failures.Add(1);
            LogFailed(_logger, error.Message, error);
        }
        finally
        {
            _recorder.Stop();
            _file?.Dispose();
        }
    }

    private void Write(string directory, RecordedChunk chunk)
    {
        if (chunk.LedgerOfNewFile is { } ledger)
        {
            EndFile();
            _file = BeginFile(directory, chunk);
            _file.WriteStart(
                new RecordingStart
                {
                    Origin = RecordingOrigin.Served,
                    Options = _restored.Options,
                    StartedNanos = _restored.StartedAt.MonotonicNanos,
                    StartedAt = _restored.StartedAt.Wall,
                    LedgerEntries = ledger.Count,
                    IsContinuation = _isContinuation,
                },
                chunk.First,
                ledger);
            _isContinuation = true;
            LogBegan(_logger, _path);
            DeleteOldest(directory);
        }

        if (chunk.DroppedSteps > 0)
            LogGap(_logger, chunk.DroppedSteps);
        var file = _file!; // The first chunk begins a file.
        file.Write(chunk);
        _bytes.Add(file.Length - _counted);
        _counted = file.Length;
        if (file.Length >= _options.MaxBytes)
            _recorder.BeginNewFile();
    }

    private RecordingFile BeginFile(string directory, RecordedChunk chunk)
    {
        Directory.CreateDirectory(directory);
        var stem = Path.Combine(
            directory,
            Prefix + chunk.First.Wall.UtcDateTime.ToString("yyyyMMdd-HHmmss", CultureInfo.InvariantCulture));
        _counted = 0;

        // Two files of one second, or a clock that went back: the number of the chunk tells them apart.
        _path = File.Exists(stem + Extension)
            ? string.Create(CultureInfo.InvariantCulture, $"{stem}-{chunk.Sequence}-{Environment.ProcessId}{Extension}")
            : stem + Extension;
        return RecordingFile.Create(_path);
    }

    private void EndFile()
    {
        if (_file is null)
            return;
        _file.Complete();
        _bytes.Add(_file.Length - _counted);
        _file.Dispose();
        _file = null;
        LogEnded(_logger, _path);
    }

    private void DeleteOldest(string directory)
    {
        var files = new DirectoryInfo(directory).GetFiles(Prefix + "*" + Extension)
            .Where(file => file.FullName != Path.GetFullPath(_path))
            .OrderBy(static file => file.LastWriteTimeUtc)
            .ThenBy(static file => file.Name, StringComparer.Ordinal)
            .ToList();
        foreach (var file in files.Take(Math.Max(0, files.Count + 1 - _options.MaxFiles)))
            file.Delete();
    }
}
