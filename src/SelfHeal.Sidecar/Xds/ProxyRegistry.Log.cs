using Microsoft.Extensions.Logging;
using SelfHeal.Xds.Sessions;

namespace SelfHeal.Sidecar.Xds;

/// <content>Log messages.</content>
internal sealed partial class ProxyRegistry
{
    // Answers about routes are few and say how a remediation stands; a line for each of a thousand proxies whenever a
    // cluster changes would say nothing and cost more than the push.
    [LoggerMessage(EventId = 2101, Message = "{Node} accepted {Type} {Version}")]
    private static partial void LogAcknowledged(
        ILogger logger, LogLevel level, string node, string type, string version);

    [LoggerMessage(EventId = 2102, Level = LogLevel.Warning, Message = "{Node} rejected {Type} {Version}: {Reason}")]
    private static partial void LogRejected(ILogger logger, string node, string type, string version, string reason);

    [LoggerMessage(EventId = 2103, Level = LogLevel.Warning, Message = "{Node} broke the protocol: {Status}, {Reason}")]
    private static partial void LogProtocolError(ILogger logger, string node, StreamStatus status, string reason);

    [LoggerMessage(EventId = 2104, Level = LogLevel.Warning,
        Message = "{Node} did not answer {Type} in time: what depends on it is sent without")]
    private static partial void LogWaitExpired(ILogger logger, string node, string type);

    [LoggerMessage(EventId = 2105, Level = LogLevel.Warning,
        Message = "{Node} does not hold what is intended in {Resources} resources (rejected: {IsRejected})")]
    private static partial void LogDrifted(ILogger logger, string node, int resources, bool isRejected);

    [LoggerMessage(EventId = 2106, Level = LogLevel.Information, Message = "{Node} holds what is intended again")]
    private static partial void LogDriftEnded(ILogger logger, string node);
}
