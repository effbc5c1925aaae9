using Microsoft.Extensions.Logging;

namespace SelfHeal.Sidecar.Xds;

/// <content>Log messages.</content>
internal sealed partial class AdsService
{
    [LoggerMessage(EventId = 2001, Level = LogLevel.Information,
        Message = "xDS stream {Stream} opened: {Method} from {Peer}")]
    private static partial void LogOpened(ILogger logger, long stream, string method, string peer);

    [LoggerMessage(EventId = 2002, Level = LogLevel.Information, Message = "xDS stream {Stream} closed")]
    private static partial void LogClosed(ILogger logger, long stream);
}
