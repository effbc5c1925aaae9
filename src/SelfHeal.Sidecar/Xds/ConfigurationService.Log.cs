using Microsoft.Extensions.Logging;

namespace SelfHeal.Sidecar.Xds;

/// <content>Log messages.</content>
internal sealed partial class ConfigurationService
{
    [LoggerMessage(EventId = 2201, Level = LogLevel.Information,
        Message = "Resources {What}: {Files} files, {Clusters} clusters")]
    private static partial void LogServed(ILogger logger, string what, int files, int clusters);

    [LoggerMessage(EventId = 2202, Level = LogLevel.Error, Message = "Resources refused: {Problem}")]
    private static partial void LogRefused(ILogger logger, string problem);

    [LoggerMessage(EventId = 2203, Level = LogLevel.Error,
        Message = "{Count} errors in the resources; {What} stays in force")]
    private static partial void LogKept(ILogger logger, int count, string what);

    [LoggerMessage(EventId = 2204, Level = LogLevel.Warning,
        Message = "Resources cannot be read; the running configuration stays")]
    private static partial void LogUnreadable(ILogger logger, Exception error);

    [LoggerMessage(EventId = 2206, Level = LogLevel.Error, Message = "An overlay could not be laid or withdrawn")]
    private static partial void LogCommandFailed(ILogger logger, Exception error);

    [LoggerMessage(EventId = 2205, Level = LogLevel.Warning,
        Message = "Overlay {Overlay} could not be laid: {Problem}")]
    private static partial void LogOverlayRefused(ILogger logger, string overlay, string problem);

    [LoggerMessage(EventId = 2207, Level = LogLevel.Warning, Message = "Resources: {Warning}")]
    private static partial void LogWarned(ILogger logger, string warning);
}
