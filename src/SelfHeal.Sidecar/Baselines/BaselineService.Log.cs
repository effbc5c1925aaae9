using Microsoft.Extensions.Logging;

namespace SelfHeal.Sidecar.Baselines;

/// <content>Log messages.</content>
internal sealed partial class BaselineService
{
    [LoggerMessage(EventId = 3101, Level = LogLevel.Warning,
        Message = "{Path} cannot be used and is put aside; baselines are learned anew: {Reason}")]
    private static partial void LogPutAside(ILogger logger, string path, string reason);

    [LoggerMessage(EventId = 3102, Level = LogLevel.Warning,
        Message = "{Path} cannot be read or written; the declared baselines hold: {Reason}")]
    private static partial void LogUnavailable(ILogger logger, string path, string reason);

    [LoggerMessage(EventId = 3103, Level = LogLevel.Debug, Message = "Stored {Series} baselines of hour {Hour}")]
    private static partial void LogStored(ILogger logger, int series, int hour);

    [LoggerMessage(EventId = 3104, Level = LogLevel.Information, Message = "Read {Series} baselines of hour {Hour}")]
    private static partial void LogRead(ILogger logger, int series, int hour);
}
