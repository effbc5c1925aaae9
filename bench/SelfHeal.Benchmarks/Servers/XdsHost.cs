using System.Globalization;
using Microsoft.Extensions.DependencyInjection;
using SelfHeal.Benchmarks.XdsLoad;
using SelfHeal.Sidecar.Composition;
using SelfHeal.Sidecar.Config.Loading;
using SelfHeal.Sidecar.Hosting;
using SelfHeal.Sidecar.Logging;
using SelfHeal.Sidecar.Xds;
using SelfHeal.Xds.Resources;
using SelfHeal.Xds.Snapshots;

namespace SelfHeal.Benchmarks.Servers;

/// <summary>
/// <c>xds-host CONFIG CONTROLPORT CLUSTERS NODES</c>: all of <c>selfheal serve</c>, composed as the executable composes
/// it, and a control port by which one cluster changes at a known instant: a directory is looked at twice a second, and
/// that half second is not what is measured. What is served comes from <see cref="XdsWorkload"/>.
/// </summary>
internal sealed class XdsHost
{
    private readonly StreamHub _hub;
    private readonly XdsResource[] _resources;
    private readonly int _clusters;
    private int _generation;

    private XdsHost(StreamHub hub, int clusters)
    {
        _hub = hub;
        _clusters = clusters;
        _resources =
        [
            .. Enumerable.Range(0, clusters).Select(static i => XdsWorkload.Cluster(i, 0)),
            .. Enumerable.Range(0, clusters).Select(static i => XdsWorkload.Assignment(i, 0)),
        ];
    }

    public static async Task<int> RunAsync(string config, string controlPort, string clusters, string nodes)
    {
        if (ConfigLoader.Load(config) is not ConfigResult.Valid { Options: var options })
            throw new InvalidOperationException($"{config} is no valid configuration");
        if (nodes != "0")
            throw new InvalidOperationException("there are no node groups yet");
        var time = TimeProvider.System;
        await using var host = SelfHealHost.Build(
            options,
            await StandaloneParts.Create().ComposeAsync(options, time, CancellationToken.None),
            logging => SerilogSetup.Configure(logging, options.Logging),
            time);
        await host.StartAsync([], CancellationToken.None);
        var hub = host.Services.GetRequiredService<StreamHub>();
        while (hub.Snapshot is null)
            await Task.Delay(TimeSpan.FromMilliseconds(10), time);
        var workload = new XdsHost(hub, int.Parse(clusters, CultureInfo.InvariantCulture));
        workload.Publish();
        await using var control = await ControlServer.StartAsync(controlPort, workload.Bump);
        await host.WaitForStopAsync(CancellationToken.None);
        return 0;
    }

    private void Bump()
    {
        var changed = ++_generation % _clusters;
        _resources[changed] = XdsWorkload.Cluster(changed, _generation);
        Publish();
    }

    private void Publish()
    {
        var validation = new SnapshotValidator().Validate(Snapshot.Create(_resources));
        _hub.Publish(validation.Snapshot
            ?? throw new InvalidOperationException($"the workload is refused: {validation.Errors[0]}"));
    }
}
