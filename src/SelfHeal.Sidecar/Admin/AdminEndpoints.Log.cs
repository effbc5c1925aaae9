using Microsoft.Extensions.Logging;

namespace SelfHeal.Sidecar.Admin;

/// <summary>Log messages of the admin API; event ids 1100 to 1199.</summary>
internal sealed partial class AdminEndpoints
{
    [LoggerMessage(1100, LogLevel.Error, "The admin API could not answer {Path}", EventName = "AdminHandlerFailed")]
    private static partial void LogHandlerFailed(ILogger logger, string path, Exception exception);
}
