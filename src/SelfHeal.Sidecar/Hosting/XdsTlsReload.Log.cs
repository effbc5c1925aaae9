using Microsoft.Extensions.Logging;

namespace SelfHeal.Sidecar.Hosting;

/// <content>Log messages.</content>
internal sealed partial class XdsTlsReload
{
    [LoggerMessage(1010, LogLevel.Information, "The files of xds.tls have changed and are in force",
        EventName = "TlsReloaded")]
    private static partial void LogReloaded(ILogger logger);

    [LoggerMessage(1011, LogLevel.Warning, "The files of xds.tls have changed and cannot be used; what was read before "
        + "stays: {Problem}", EventName = "TlsKept")]
    private static partial void LogKept(ILogger logger, string problem);

    [LoggerMessage(1012, LogLevel.Warning, "A client was refused: xds.tls.client_sans does not allow {Names}",
        EventName = "ClientRefused")]
    private static partial void LogRefused(ILogger logger, string names);
}
