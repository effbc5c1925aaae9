using Microsoft.Extensions.Logging;

namespace SelfHeal.Sidecar.Traffic;

/// <content>Log messages.</content>
internal sealed partial class LoadService
{
    [LoggerMessage(EventId = 5001, Level = LogLevel.Information,
        Message = "Load stream {Stream} of {Node} opened; a locality that it leaves out means {Absence}")]
    private static partial void LogOpened(
        ILogger logger, long stream, string node, Core.Loads.LoadAbsence absence);

    [LoggerMessage(EventId = 5002, Level = LogLevel.Information, Message = "Load stream {Stream} of {Node} closed")]
    private static partial void LogClosed(ILogger logger, long stream, string node);

    [LoggerMessage(EventId = 5003, Level = LogLevel.Warning,
        Message = "Load stream {Stream} of {Node} refused: {Reason}")]
    private static partial void LogRefused(ILogger logger, long stream, string node, string reason);

    [LoggerMessage(EventId = 5004, Level = LogLevel.Warning,
        Message = "Load stream of {Peer} refused: {Limit} are open")]
    private static partial void LogTooMany(ILogger logger, string peer, int limit);
}
