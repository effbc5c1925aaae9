using System.Globalization;
using SelfHeal.Benchmarks.Servers;
using SelfHeal.Benchmarks.XdsLoad;

namespace SelfHeal.Benchmarks.Figures;

/// <summary>
/// 1,000 streams connect at once to a server that has just started and get 1,000 clusters and their endpoints; then
/// they are idle, and what the server's memory has grown by is divided among them.
/// </summary>
internal sealed class XdsSyncFigures : IFigureProvider
{
    private const int Streams = 1_000;
    private const int Clusters = 1_000;
    private const int RoundCount = 3;

    /// <summary>A server that gives memory back does so within this.</summary>
    private static readonly TimeSpan Idle = TimeSpan.FromSeconds(10);

    public IReadOnlyList<string> Names { get; } =
        ["xds.sync_1000_ms", "xds.sync_1000_ms.gcp", "xds.idle_stream_bytes", "xds.idle_stream_bytes.gcp"];

    public async Task MeasureAsync(FigureRun run, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(run);
        var ours = new List<Round>();
        var peers = new List<Round>();
        for (var round = 0; round < RoundCount; round++)
        {
            ours.Add(await MeasureAsync(
                await XdsServers.StartSelfHealAsync(Clusters, nodes: 0, cancellationToken), cancellationToken));
            peers.Add(await MeasureAsync(
                await XdsServers.StartGoControlPlaneAsync(Clusters, nodes: 0, cancellationToken), cancellationToken));
        }

        var (sync, peerSync) = (Median(ours, static r => r.SyncMillis), Median(peers, static r => r.SyncMillis));
        var load = string.Create(
            CultureInfo.InvariantCulture,
            $"{Streams} streams, {Clusters} clusters with endpoints, delta; median of {RoundCount} new processes");
        run.Add("xds.sync_1000_ms", sync, "ms", load);
        run.Add(
            "xds.sync_1000_ms.gcp", sync / peerSync, "of go-control-plane's",
            string.Create(CultureInfo.InvariantCulture, $"go-control-plane: {peerSync:F0} ms"));
        var (bytes, peerBytes) = (Median(ours, static r => r.Bytes), Median(peers, static r => r.Bytes));
        run.Add(
            "xds.idle_stream_bytes", bytes, "B",
            string.Create(
                CultureInfo.InvariantCulture,
                $"{load}; resident growth {Idle.TotalSeconds} s after the last was synchronized, over the streams, "
                + $"each on a connection of its own; {Median(ours, static r => r.Empty):F0} MiB without streams"));
        run.Add(
            "xds.idle_stream_bytes.gcp", bytes / peerBytes, "of go-control-plane's",
            string.Create(CultureInfo.InvariantCulture, $"go-control-plane: {peerBytes:F0} B"));
    }

    private static async Task<Round> MeasureAsync(ServerProcess server, CancellationToken cancellationToken)
    {
        await using (server)
        {
            var empty = server.ResidentMib;
            var load = new XdsLoadOptions
            {
                Port = 0,
                Streams = Streams,
                Clusters = Clusters,
                IsDelta = true,
                WithEndpoints = true,
                Hold = Idle + TimeSpan.FromSeconds(3),
            };
            await using var clients = XdsClientProcess.Start(load, server);
            await clients.WaitSyncedAsync(cancellationToken);
            await Task.Delay(Idle, TimeProvider.System, cancellationToken);
            var bytes = (server.ResidentMib - empty) * 1024 * 1024 / Streams;
            return new Round((await clients.WaitAsync(cancellationToken)).SyncMillis, bytes, empty);
        }
    }

    private static double Median(List<Round> rounds, Func<Round, double> value) =>
        rounds.Select(value).Order().ElementAt(rounds.Count / 2);

    private sealed record Round(double SyncMillis, double Bytes, double Empty);
}
