using System.Globalization;
using SelfHeal.Benchmarks.Servers;
using SelfHeal.Benchmarks.XdsLoad;

namespace SelfHeal.Benchmarks.Figures;

/// <summary>
/// One of 1,000 clusters changes: when the last stream has it. The servers are on the first core, the clients on the
/// last; rounds are interleaved, so that what disturbs the machine disturbs all alike.
/// </summary>
internal sealed class XdsPushFigures : IFigureProvider
{
    private const int Clusters = 1_000;
    private const int RoundCount = 3;

    private readonly string _name;
    private readonly XdsLoadOptions _load;
    private readonly int _nodes;
    private readonly int _peerPushes;

    private XdsPushFigures(string name, XdsLoadOptions load, int nodes, int peerPushes)
    {
        _name = name;
        _load = load;
        _nodes = nodes;
        _peerPushes = peerPushes;
        Names = nodes > 0 ? [name, name + ".gcp"] : [name, name + ".gcp", name + ".yardstick"];
    }

    /// <summary>1,000 streams of the incremental variant with one snapshot.</summary>
    public static XdsPushFigures Delta { get; } = new(
        "xds.push_delta_last_ms", Load(streams: 1_000, isDelta: true, warmPushes: 8, pushes: 15), 0, peerPushes: 9);

    /// <summary>1,000 streams of the state of the world with one snapshot.</summary>
    public static XdsPushFigures StateOfTheWorld { get; } = new(
        "xds.push_sotw_last_ms", Load(streams: 1_000, isDelta: false, warmPushes: 4, pushes: 9), 0, peerPushes: 3);

    /// <summary>500 streams of the incremental variant, each with a snapshot of its own.</summary>
    public static XdsPushFigures PerNode { get; } = new(
        "xds.push_per_node_last_ms", Load(streams: 500, isDelta: true, warmPushes: 8, pushes: 15), 500, peerPushes: 3);

    public IReadOnlyList<string> Names { get; }

    public async Task MeasureAsync(FigureRun run, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(run);
        await using var ours = await XdsServers.StartSelfHealAsync(Clusters, _nodes, cancellationToken);
        await using var peer = await XdsServers.StartGoControlPlaneAsync(Clusters, _nodes, cancellationToken);
        await using var yardstick = await XdsServers.StartYardstickAsync(Clusters, cancellationToken);
        var peerLoad = _load with { WarmPushes = 1, Pushes = _peerPushes };
        (ServerProcess Server, XdsLoadOptions Load)[] subjects =
            _nodes > 0 ? [(ours, _load), (peer, peerLoad)] : [(yardstick, _load), (ours, _load), (peer, peerLoad)];
        var pushes = subjects.ToDictionary(static s => s.Server, static _ => new List<XdsPush>());

        // The first round is for the runtime, which compiles hot methods again in the background.
        for (var round = 0; round <= RoundCount; round++)
        {
            foreach (var (server, load) in subjects)
            {
                if (round == 0 && server == peer)
                    continue;
                var result = await XdsClientProcess.RunAsync(load, server, cancellationToken);
                if (round > 0)
                    pushes[server].AddRange(result.Pushes);
            }
        }

        run.Add(_name, Last(pushes[ours]), "ms", Note(pushes[ours]));
        run.Add(
            _name + ".gcp",
            Last(pushes[ours]) / Last(pushes[peer]),
            "of go-control-plane's",
            $"go-control-plane in the same rounds: {Note(pushes[peer])}");
        if (_nodes == 0)
            run.Add(_name + ".yardstick", Last(pushes[yardstick]), "ms", Note(pushes[yardstick]));
    }

    private static XdsLoadOptions Load(int streams, bool isDelta, int warmPushes, int pushes) => new()
    {
        Port = 0,
        Streams = streams,
        Clusters = Clusters,
        IsDelta = isDelta,
        WarmPushes = warmPushes,
        Pushes = pushes,
    };

    private static double Last(List<XdsPush> pushes) => Median(pushes, static p => p.LastMillis);

    private static double Median(List<XdsPush> pushes, Func<XdsPush, double> value) =>
        pushes.Select(value).Order().ElementAt(pushes.Count / 2);

    private string Note(List<XdsPush> pushes) => string.Create(
        CultureInfo.InvariantCulture,
        $"{_load.Streams} streams, one cluster of {Clusters}; median of {pushes.Count} pushes in {RoundCount} rounds "
        + $"{Last(pushes):F1} ms, best {pushes.Min(static p => p.LastMillis):F1}; first stream "
        + $"{Median(pushes, static p => p.FirstMillis):F1}, middle {Median(pushes, static p => p.MedianMillis):F1}; "
        + $"making the snapshot {Median(pushes, static p => p.BumpMillis):F1}; clients busy "
        + $"{Median(pushes, static p => p.ClientBusyMillis):F1}");
}
