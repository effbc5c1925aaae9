using Microsoft.Extensions.Logging;

namespace SelfHeal.Sidecar.Delegation;

/// <content>Log messages. None tells a content: it may be a secret.</content>
internal sealed partial class RelayStream<TRequest, TGiven>
{
    [LoggerMessage(EventId = 2111, Level = LogLevel.Warning,
        Message = "{Node}: a response of the upstream is not relayed, and what it gave before stays: {Problem}")]
    private static partial void LogRefused(ILogger logger, string node, string problem);

    [LoggerMessage(EventId = 2112, Level = LogLevel.Warning,
        Message = "{Node}: no upstream answers; serving the {Count} resources that it was given last")]
    private static partial void LogRestored(ILogger logger, string node, int count);

    [LoggerMessage(EventId = 2113, Level = LogLevel.Warning,
        Message = "stream {Stream}: the Envoy comes from another control plane, where no overlay was in force")]
    private static partial void LogReturned(ILogger logger, long stream);
}
