using Microsoft.Extensions.Logging;
using SelfHeal.Grpc;

namespace SelfHeal.Sidecar.Judgement;

/// <content>Log messages.</content>
internal sealed partial class StatsService
{
    [LoggerMessage(EventId = 4001, Level = LogLevel.Information,
        Message = "Stats stream {Stream} of {Node} closed: {Status}")]
    private static partial void LogClosed(ILogger logger, long stream, string node, GrpcStatusCode status);

    [LoggerMessage(EventId = 4002, Level = LogLevel.Warning,
        Message = "Stats stream {Stream} of {Node} refused: {Reason}")]
    private static partial void LogRefused(ILogger logger, long stream, string node, string reason);

    [LoggerMessage(EventId = 4003, Level = LogLevel.Warning,
        Message = "Stats stream of {Peer} refused: {Limit} are open")]
    private static partial void LogTooMany(ILogger logger, string peer, int limit);
}
