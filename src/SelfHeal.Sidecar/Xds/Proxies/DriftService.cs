using Microsoft.Extensions.Hosting;
using SelfHeal.Sidecar.Config;

namespace SelfHeal.Sidecar.Xds.Proxies;

/// <summary>Looks whether proxies hold what is intended for them, and lets the judgement know when one does not.
/// </summary>
/// <param name="options">How long an answer may take.</param>
/// <param name="registry">Who knows the proxies.</param>
/// <param name="time">The clock.</param>
internal sealed class DriftService(XdsOptions options, ProxyRegistry registry, TimeProvider time) : BackgroundService
{
    // An incident takes seconds to be seen, and this costs two comparisons of references for each type of a stream.
    private static readonly TimeSpan LookInterval = TimeSpan.FromSeconds(1);

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        // What vanishes is kept for one wait and may be answered within another.
        var bound = options.AckTimeout * 2;
        using var timer = new PeriodicTimer(LookInterval, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
            registry.ReportDrift(bound);
    }
}
