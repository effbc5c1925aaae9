using Microsoft.Extensions.Logging;

namespace SelfHeal.Sidecar.Delegation;

/// <content>Log messages.</content>
internal sealed partial class UpstreamLink<TRequest, TResponse>
{
    [LoggerMessage(EventId = 2151, Level = LogLevel.Information, Message = "{Node}: upstream {Address} answers")]
    private static partial void LogConnected(ILogger logger, string node, string address);

    [LoggerMessage(EventId = 2152, Level = LogLevel.Warning,
        Message = "{Node}: no upstream ({Problem}; attempts without an answer: {Failures}); it keeps what it has")]
    private static partial void LogLost(ILogger logger, string node, string problem, int failures);
}
