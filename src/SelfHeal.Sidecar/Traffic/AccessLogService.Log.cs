using Microsoft.Extensions.Logging;
using SelfHeal.Grpc;

namespace SelfHeal.Sidecar.Traffic;

/// <content>Log messages.</content>
internal sealed partial class AccessLogService
{
    [LoggerMessage(EventId = 5101, Level = LogLevel.Information,
        Message = "Access log stream {Stream} of {Node} closed")]
    private static partial void LogClosed(ILogger logger, long stream, string node);

    [LoggerMessage(EventId = 5102, Level = LogLevel.Warning,
        Message = "Access log stream {Stream} of {Node} refused: {Status}, {Reason}")]
    private static partial void LogRefused(
        ILogger logger, long stream, string node, GrpcStatusCode status, string reason);

    [LoggerMessage(EventId = 5103, Level = LogLevel.Warning,
        Message = "Access log stream of {Peer} refused: {Limit} are open")]
    private static partial void LogTooMany(ILogger logger, string peer, int limit);
}
