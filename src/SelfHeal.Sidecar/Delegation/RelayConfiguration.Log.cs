using Microsoft.Extensions.Logging;

namespace SelfHeal.Sidecar.Delegation;

/// <content>Log messages.</content>
internal sealed partial class RelayConfiguration
{
    [LoggerMessage(EventId = 2141, Level = LogLevel.Error, Message = "the overlays could not be looked after")]
    private static partial void LogFailed(ILogger logger, Exception error);
}
