using Microsoft.Extensions.Logging;

namespace SelfHeal.Sidecar.Hosting;

/// <summary>Log messages of the host; event ids 1000 to 1099.</summary>
internal sealed partial class SelfHealHost
{
    [LoggerMessage(
        1000,
        LogLevel.Information,
        "SelfHeal {Version} serves xDS on {XdsAddress} and the admin API on {AdminAddress}",
        EventName = "Started")]
    private static partial void LogStarted(ILogger logger, string version, string xdsAddress, string adminAddress);

    [LoggerMessage(1001, LogLevel.Information, "Stopping: open streams are being ended", EventName = "Stopping")]
    private static partial void LogStopping(ILogger logger);

    [LoggerMessage(1002, LogLevel.Information, "Stopped", EventName = "Stopped")]
    private static partial void LogStopped(ILogger logger);

    [LoggerMessage(1003, LogLevel.Warning, "Configuration: {Finding}", EventName = "ConfigurationWarning")]
    private static partial void LogWarning(ILogger logger, string finding);

    [LoggerMessage(1004, LogLevel.Information, "xDS fetches (REST) are answered on {RestAddress}", EventName = "Rest")]
    private static partial void LogRest(ILogger logger, string restAddress);
}
