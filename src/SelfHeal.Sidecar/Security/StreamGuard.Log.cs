using Microsoft.Extensions.Logging;

namespace SelfHeal.Sidecar.Security;

/// <content>Log messages.</content>
internal sealed partial class StreamGuard
{
    [LoggerMessage(EventId = 2021, Level = LogLevel.Warning,
        Message = "{Peer} calls itself {Node} and no rule of xds.authorisation allows that")]
    private static partial void LogIdentity(ILogger logger, string peer, string node);

    [LoggerMessage(EventId = 2022, Level = LogLevel.Warning,
        Message = "{Node} asks for {Type}, which rule {Rule} of xds.authorisation does not allow")]
    private static partial void LogType(ILogger logger, string node, string type, string rule);

    [LoggerMessage(EventId = 2023, Level = LogLevel.Warning,
        Message = "{Node} asks for {Count} secrets that rule {Rule} of xds.authorisation does not allow")]
    private static partial void LogSecrets(ILogger logger, string node, int count, string rule);
}
