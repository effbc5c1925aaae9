using Microsoft.Extensions.Logging;
using SelfHeal.Xds.Accepted;

namespace SelfHeal.Sidecar.Accepted;

/// <content>Log messages.</content>
internal sealed partial class AcceptedStore
{
    [LoggerMessage(EventId = 2301, Level = LogLevel.Information,
        Message = "Kept configuration of group {Group} read: {Kind}, generation {Generation}, {Resources} resources, "
            + "of {At:u}")]
    private static partial void LogLoaded(
        ILogger logger, string group, StateKind kind, ulong generation, int resources, DateTimeOffset at);

    [LoggerMessage(EventId = 2302, Level = LogLevel.Warning,
        Message = "{Path} is damaged and not used: {Problem}; the generation before it is used")]
    private static partial void LogDamaged(ILogger logger, string path, string problem);

    [LoggerMessage(EventId = 2303, Level = LogLevel.Warning,
        Message = "Kept configuration cannot be read from {Directory}: {Problem}")]
    private static partial void LogUnreadable(ILogger logger, string directory, string problem);

    [LoggerMessage(EventId = 2304, Level = LogLevel.Warning,
        Message = "What proxies accept cannot be kept in {Directory}: {Problem}; serving goes on")]
    private static partial void LogFailed(ILogger logger, string directory, string problem);

    [LoggerMessage(EventId = 2305, Level = LogLevel.Information,
        Message = "What proxies accept is kept in {Directory} again")]
    private static partial void LogRecovered(ILogger logger, string directory);

    [LoggerMessage(EventId = 2306, Level = LogLevel.Information,
        Message = "Group {Group}: {Count} resources hold secrets and are not kept: {Names}")]
    private static partial void LogWithheld(ILogger logger, string group, int count, string names);

    [LoggerMessage(EventId = 2307, Level = LogLevel.Debug, Message = "{Path} could not be deleted: {Problem}")]
    private static partial void LogNotDeleted(ILogger logger, string path, string problem);
}
