using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using SelfHeal.Sidecar.Security;

namespace SelfHeal.Sidecar.Hosting;

/// <summary>Keeps certificates and authorities as fresh as their files, and tells of clients that were refused.
/// </summary>
/// <param name="files">The files.</param>
/// <param name="meter">Counts refused clients.</param>
/// <param name="time">The clock.</param>
/// <param name="logger">Where it is told.</param>
internal sealed partial class XdsTlsReload(
    XdsTlsFiles files, AccessMeter meter, TimeProvider time, ILogger<XdsTlsReload> logger) : BackgroundService
{
    // Three small files a second cost nothing, and a rotated certificate is in force before anybody looks for it. A
    // file system that sends no notifications (a mounted Secret) is served like any other.
    private static readonly TimeSpan LookInterval = TimeSpan.FromSeconds(1);

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        files.OnRefused = peer =>
        {
            meter.Refused(AccessMeter.ClientName);
            LogRefused(logger, peer.ToString());
        };
        using var timer = new PeriodicTimer(LookInterval, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                if (files.Reload())
                    LogReloaded(logger);
            }
            catch (TlsFailedException exception)
            {
                LogKept(logger, exception.Message);
            }
        }
    }
}
