using Microsoft.Extensions.Logging;

namespace SelfHeal.Sidecar.Upstream;

/// <content>Log messages.</content>
internal sealed partial class UpstreamMetricsService
{
    [LoggerMessage(EventId = 7301, Level = LogLevel.Information,
        Message = "The upstream's metrics at {Address} are read")]
    private static partial void LogRead(ILogger logger, string address);

    [LoggerMessage(EventId = 7302, Level = LogLevel.Warning,
        Message = "The upstream's metrics at {Address} could not be read: {Reason}")]
    private static partial void LogFailed(ILogger logger, string address, string reason);
}
