using Microsoft.Extensions.Logging;

namespace SelfHeal.Sidecar.Recording;

/// <content>Log messages.</content>
internal sealed partial class RecordingService
{
    [LoggerMessage(EventId = 7001, Level = LogLevel.Information, Message = "Recording to {File}")]
    private static partial void LogBegan(ILogger logger, string file);

    [LoggerMessage(EventId = 7002, Level = LogLevel.Error,
        Message = "The recording ended, and nothing more is recorded: {Reason}")]
    private static partial void LogFailed(ILogger logger, string reason, Exception error);

    [LoggerMessage(EventId = 7003, Level = LogLevel.Warning,
        Message = "{Steps} steps were not recorded: the disk was slow")]
    private static partial void LogGap(ILogger logger, uint steps);

    [LoggerMessage(EventId = 7005, Level = LogLevel.Warning,
        Message = "The recording {File} was not ended in order: its disk hangs")]
    private static partial void LogAbandoned(ILogger logger, string file);

    [LoggerMessage(EventId = 7004, Level = LogLevel.Information, Message = "The recording {File} is complete")]
    private static partial void LogEnded(ILogger logger, string file);
}
