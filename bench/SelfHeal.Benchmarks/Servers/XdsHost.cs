using System.Globalization;
using Microsoft.Extensions.DependencyInjection;
using SelfHeal.Benchmarks.XdsLoad;
using SelfHeal.Sidecar.Composition;
using SelfHeal.Sidecar.Config;
using SelfHeal.Sidecar.Config.Loading;
using SelfHeal.Sidecar.Hosting;
using SelfHeal.Sidecar.Logging;
using SelfHeal.Sidecar.Xds;
using SelfHeal.Xds.Groups;
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
    private const string Group = "own";

    private readonly StreamHub _hub;
    private readonly int _clusters;

    /// <summary>One for each node that has its own; else one for all.</summary>
    private readonly Place[] _places;

    private int _generation;

    private XdsHost(StreamHub hub, int clusters, int nodes)
    {
        _hub = hub;
        _clusters = clusters;
        XdsResource[] resources =
        [
            .. Enumerable.Range(0, clusters).Select(static i => XdsWorkload.Cluster(i, 0)),
            .. Enumerable.Range(0, clusters).Select(static i => XdsWorkload.Assignment(i, 0)),
        ];
        _places = nodes == 0
            ? [new Place(hub.Default, resources)]
            : [.. Enumerable.Range(0, nodes).Select(i => OwnPlace(i, resources))];
        foreach (var place in _places)
            place.Slot.Publish(Validated(place));
    }

    public static async Task<int> RunAsync(string config, string controlPort, string clusters, string nodes)
    {
        if (ConfigLoader.Load(config) is not ConfigResult.Valid { Options: var options })
            throw new InvalidOperationException($"{config} is no valid configuration");
        var own = int.Parse(nodes, CultureInfo.InvariantCulture);
        var time = TimeProvider.System;
        var parts = await SidecarParts.Create().ComposeAsync(options, time, CancellationToken.None);
        await using var host = SelfHealHost.Build(
            options,
            parts with { ConfigureServices = services => Configure(services, parts, options, own) },
            logging => SerilogSetup.Configure(logging, options.Logging),
            time);
        await host.StartAsync([], CancellationToken.None);
        var hub = host.Services.GetRequiredService<StreamHub>();
        while (hub.Snapshot is null)
            await Task.Delay(TimeSpan.FromMilliseconds(10), time);
        var workload = new XdsHost(hub, int.Parse(clusters, CultureInfo.InvariantCulture), own);
        await using var control = await ControlServer.StartAsync(controlPort, workload.Bump);
        await host.WaitForStopAsync(CancellationToken.None);
        return 0;
    }

    /// <summary>Each node has a directory of its own, which is looked at as ever; here it has nothing to say.</summary>
    private static void Configure(
        IServiceCollection services, HostComposition parts, SelfHealOptions options, int nodes)
    {
        parts.ConfigureServices(services);
        if (nodes == 0)
            return;
        var own = Path.Combine(options.State.Directory, Group);
        for (var i = 0; i < nodes; i++)
            Directory.CreateDirectory(Path.Combine(own, NodeId(i)));
        var group = new NodeGroup(Group, new NodeMatch(), Path.Combine(own, NodeGroup.IdPlaceholder));
        services.AddSingleton(new NodeGroups([group], options.Xds.Resources));
    }

    private static string NodeId(int node) => string.Create(CultureInfo.InvariantCulture, $"load-{node:D5}");

    /// <summary>What a node has is its own: its first cluster is like no other node's.</summary>
    private Place OwnPlace(int node, XdsResource[] shared)
    {
        var resources = shared.ToArray();
        resources[0] = XdsWorkload.Cluster(0, node + 1);
        return new Place(_hub.Slot($"{Group}/{NodeId(node)}"), resources);
    }

    /// <summary>
    /// One cluster changes, for every node. As in the peer, the snapshots are made before the clock starts where there
    /// are many; what is done to serve them counts. A single one is made within the time that counts.
    /// </summary>
    private Action Bump()
    {
        var changed = 1 + (++_generation % (_clusters - 1));
        var cluster = XdsWorkload.Cluster(changed, _generation);
        foreach (var place in _places)
            place.Resources[changed] = cluster;
        if (_places.Length == 1)
            return () => _places[0].Slot.Publish(Validated(_places[0]));
        var snapshots = Array.ConvertAll(_places, Validated);
        return () =>
        {
            for (var i = 0; i < snapshots.Length; i++)
                _places[i].Slot.Publish(snapshots[i]);
        };
    }

    private static ValidatedSnapshot Validated(Place place)
    {
        var validation = new SnapshotValidator().Validate(Snapshot.Create(place.Resources));
        return validation.Snapshot
            ?? throw new InvalidOperationException($"the workload is refused: {validation.Errors[0]}");
    }

    private sealed record Place(ServedSlot Slot, XdsResource[] Resources);
}
