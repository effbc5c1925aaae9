using Microsoft.Extensions.Logging;

namespace SelfHeal.Sidecar.Overlays;

/// <content>Log messages.</content>
internal sealed partial class OverlayBook
{
    [LoggerMessage(EventId = 2801, Level = LogLevel.Information,
        Message = "Overlay {Overlay} of {Owner} on {Resource}, until {ExpiresAt}, for incident {Incident}: {Reason}")]
    private static partial void LogPut(
        ILogger logger,
        string overlay,
        string owner,
        string resource,
        DateTimeOffset? expiresAt,
        string incident,
        string reason);

    [LoggerMessage(EventId = 2802, Level = LogLevel.Information,
        Message = "Overlay {Overlay} of {Owner} on {Resource} withdrawn: {Reason}")]
    private static partial void LogRemoved(
        ILogger logger, string overlay, string owner, string resource, string reason);

    [LoggerMessage(EventId = 2803, Level = LogLevel.Warning,
        Message = "Overlay {Overlay} of {Owner} on {Resource} fits no more: {Problem}")]
    private static partial void LogRefused(
        ILogger logger, string overlay, string owner, string resource, string problem);
}
