using Microsoft.Extensions.Logging;

namespace SelfHeal.Sidecar.Xds.Rest;

/// <content>Log messages.</content>
internal sealed partial class RestDiscovery
{
    [LoggerMessage(EventId = 2011, Level = LogLevel.Debug, Message = "{Node} fetched {Type}: {Status}")]
    private static partial void LogFetched(ILogger logger, string node, string type, int status);

    [LoggerMessage(EventId = 2012, Level = LogLevel.Warning,
        Message = "A fetch of {Type} was refused with {Status}: {Problem}")]
    private static partial void LogRefused(ILogger logger, string type, int status, string problem);
}
