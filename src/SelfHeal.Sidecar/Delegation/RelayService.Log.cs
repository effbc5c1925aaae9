using Microsoft.Extensions.Logging;

namespace SelfHeal.Sidecar.Delegation;

/// <content>Log messages.</content>
internal sealed partial class RelayService
{
    [LoggerMessage(EventId = 2131, Level = LogLevel.Information,
        Message = "relayed stream {Stream} opened: {Method} from {Peer}")]
    private static partial void LogOpened(ILogger logger, long stream, string method, string peer);

    [LoggerMessage(EventId = 2132, Level = LogLevel.Information, Message = "relayed stream {Stream} closed")]
    private static partial void LogClosed(ILogger logger, long stream);
}
