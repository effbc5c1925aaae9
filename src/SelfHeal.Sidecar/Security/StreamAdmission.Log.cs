using Microsoft.Extensions.Logging;

namespace SelfHeal.Sidecar.Security;

/// <content>Log messages.</content>
internal sealed partial class StreamAdmission
{
    [LoggerMessage(EventId = 2003, Level = LogLevel.Warning, Message = "xDS stream refused: {Limit} are open")]
    private static partial void LogRefused(ILogger logger, int limit);

    [LoggerMessage(EventId = 2024, Level = LogLevel.Warning,
        Message = "xDS stream refused: {Peer} has {Limit} open")]
    private static partial void LogPeerRefused(ILogger logger, string peer, int? limit);
}
