using Microsoft.Extensions.Logging;

namespace SelfHeal.Sidecar.Delegation;

/// <content>Log messages.</content>
internal sealed partial class UpstreamKeeper
{
    [LoggerMessage(EventId = 2121, Level = LogLevel.Warning,
        Message = "{Node}: what the upstream gives is kept in memory only; without {Withheld} it is of no use")]
    private static partial void LogWithheld(ILogger logger, string node, string withheld);
}
