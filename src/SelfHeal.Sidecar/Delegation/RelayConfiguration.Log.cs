using Microsoft.Extensions.Logging;

namespace SelfHeal.Sidecar.Delegation;

/// <content>Log messages.</content>
internal sealed partial class RelayConfiguration
{
    [LoggerMessage(EventId = 2141, Level = LogLevel.Error, Message = "the overlays could not be looked after")]
    private static partial void LogFailed(ILogger logger, Exception error);

    [LoggerMessage(EventId = 2142, Level = LogLevel.Warning, Message = "overlay {Overlay} cannot be laid: {Problem}")]
    private static partial void LogOverlayRefused(ILogger logger, string overlay, string problem);
}
