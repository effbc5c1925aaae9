using Microsoft.Extensions.Logging;

namespace SelfHeal.Sidecar.Xds;

/// <content>Log messages. Each begins with its group where there are any.</content>
internal sealed partial class ConfigurationService
{
    [LoggerMessage(EventId = 2201, Level = LogLevel.Information,
        Message = "{Group:l}Resources {What}: {Files} files, {Clusters} clusters")]
    private static partial void LogServed(ILogger logger, string group, string what, int files, int clusters);

    [LoggerMessage(EventId = 2202, Level = LogLevel.Error, Message = "{Group:l}Resources refused: {Problem}")]
    private static partial void LogRefused(ILogger logger, string group, string problem);

    [LoggerMessage(EventId = 2203, Level = LogLevel.Error,
        Message = "{Group:l}{Count} errors in the resources; {What} stays in force")]
    private static partial void LogKept(ILogger logger, string group, int count, string what);

    [LoggerMessage(EventId = 2204, Level = LogLevel.Warning,
        Message = "{Group:l}Resources cannot be read; the running configuration stays")]
    private static partial void LogUnreadable(ILogger logger, string group, Exception error);

    [LoggerMessage(EventId = 2206, Level = LogLevel.Error, Message = "An overlay could not be laid or withdrawn")]
    private static partial void LogCommandFailed(ILogger logger, Exception error);

    [LoggerMessage(EventId = 2205, Level = LogLevel.Warning,
        Message = "Overlay {Overlay} could not be laid: {Problem}")]
    private static partial void LogOverlayRefused(ILogger logger, string overlay, string problem);

    [LoggerMessage(EventId = 2207, Level = LogLevel.Warning, Message = "{Group:l}Resources: {Warning}")]
    private static partial void LogWarned(ILogger logger, string group, string warning);

    [LoggerMessage(EventId = 2208, Level = LogLevel.Warning,
        Message = "{Group:l}Serving from disk what proxies accepted last, as of {At:u}: {Resources} resources")]
    private static partial void LogFromDisk(ILogger logger, string group, DateTimeOffset at, int resources);

    [LoggerMessage(EventId = 2212, Level = LogLevel.Warning,
        Message = "{Group:l}What proxies accepted last cannot be served from disk: {Count} resources hold secrets, "
            + "which are not kept: {Names}. Keep secrets in files or in secrets of their own (SDS)")]
    private static partial void LogNotFromDisk(ILogger logger, string group, int count, string names);

    [LoggerMessage(EventId = 2209, Level = LogLevel.Warning,
        Message = "{Type} '{Name}' of group '{Group}' is another one than the judgement knows under this name")]
    private static partial void LogConflict(ILogger logger, string type, string name, string group);

    [LoggerMessage(EventId = 2210, Level = LogLevel.Error,
        Message = "{Group:l}{Content} is not served any more: {Node} rejected it: {Reason}")]
    private static partial void LogQuarantined(
        ILogger logger, string group, string content, string node, string reason);

    [LoggerMessage(EventId = 2211, Level = LogLevel.Error,
        Message = "{Group:l}{Content} is rejected by {Node}, which keeps what it had; others accept it: {Reason}")]
    private static partial void LogDisputed(ILogger logger, string group, string content, string node, string reason);
}
