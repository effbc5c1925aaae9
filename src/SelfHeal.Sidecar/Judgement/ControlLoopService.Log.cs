using Microsoft.Extensions.Logging;

namespace SelfHeal.Sidecar.Judgement;

/// <content>Log messages.</content>
internal sealed partial class ControlLoopService
{
    [LoggerMessage(EventId = 3001, Level = LogLevel.Information, Message = "{Incident} {Service}: {What}: {Text}")]
    private static partial void LogProgress(ILogger logger, string incident, string service, string what, string text);

    [LoggerMessage(EventId = 3002, Level = LogLevel.Error, Message = "Page: {Incident}: {Text}")]
    private static partial void LogPage(ILogger logger, string incident, string text);

    [LoggerMessage(EventId = 3003, Level = LogLevel.Error, Message = "The ledger refused entry {Sequence}: {Reason}")]
    private static partial void LogAppendRefused(ILogger logger, long sequence, string reason);

    [LoggerMessage(EventId = 3004, Level = LogLevel.Critical,
        Message = "The control loop failed: overlays stay as they are, nothing more is decided")]
    private static partial void LogFailed(ILogger logger, Exception error);

    [LoggerMessage(EventId = 3005, Level = LogLevel.Information, Message = "The control loop stopped")]
    private static partial void LogStopped(ILogger logger);

    [LoggerMessage(EventId = 3006, Level = LogLevel.Information, Message = "Suspicion: {Service}: {Text}")]
    private static partial void LogSuspect(ILogger logger, string service, string text);
}
