using System.Globalization;
using SelfHeal.Benchmarks.Feeding;
using SelfHeal.Benchmarks.Servers;

namespace SelfHeal.Benchmarks.Figures;

/// <summary>
/// Receivers on a real socket, each on the first core, fed in turns by the same client on the last one. What counts is
/// what a receiver gave HTTP/2 credit for, in the same way for all.
/// </summary>
internal sealed class SocketFigures : IFigureProvider
{
    private const int RoundCount = 3;
    private const int Streams = 2;
    private const int Clusters = 100;

    /// <summary>As large as the windows of our server, per stream.</summary>
    private const int WindowBytes = 1024 * 1024;

    private const string GrpcGoVariable = "GRPCGO_MSSERVER_BIN";

    public IReadOnlyList<string> Names { get; } =
        ["stats.socket", "stats.socket.drain", "stats.socket.grpc_go", "stats.socket.grpc_go_ratio"];

    public async Task MeasureAsync(FigureRun run, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(run);
        var binary = Environment.GetEnvironmentVariable(GrpcGoVariable);
        if (string.IsNullOrEmpty(binary) || !File.Exists(binary))
            throw new InvalidOperationException($"{GrpcGoVariable} names no file; the ratio needs grpc-go's receiver");
        await using var selfheal = await ServerProcess.StartSelfHealAsync(isPinned: true, cancellationToken);
        await using var drain = await ServerProcess.StartDrainAsync(cancellationToken);
        await using var grpcGo = await ServerProcess.StartGrpcGoAsync(binary, WindowBytes, cancellationToken);
        ServerProcess[] servers = [selfheal, drain, grpcGo];
        var results = servers.ToDictionary(static s => s.Name, static _ => new List<Round>(), StringComparer.Ordinal);
        for (var round = 0; round < RoundCount; round++)
        {
            foreach (var server in servers)
                results[server.Name].Add(await FeedAsync(server, cancellationToken));
        }

        var metrics = await MetricsPage.ReadAsync(selfheal, cancellationToken);
        var read = metrics.Sum("selfheal_stats_messages_total");
        var sent = results[selfheal.Name].Sum(static r => r.Flushes);
        if (read < 0.95 * sent)
            throw new InvalidOperationException($"selfheal serve read {read} messages of {sent}: credit is no proof");
        var dropped = metrics.Sum("selfheal_stats_dropped_batches_total");
        Add(run, "stats.socket", results[selfheal.Name],
            string.Create(
                CultureInfo.InvariantCulture,
                $"selfheal serve, {read} messages decoded, of which {read - dropped} were folded and judged and "
                + $"{dropped} dropped from the full inbox"));
        Add(run, "stats.socket.drain", results[drain.Name], "the same server, messages not read");
        Add(run, "stats.socket.grpc_go", results[grpcGo.Name], "grpc-go with generated types, adding up values");
        run.Add(
            "stats.socket.grpc_go_ratio",
            Median(results[selfheal.Name]) / Median(results[grpcGo.Name]),
            "times",
            $"medians of {RoundCount} rounds by samples per second of processor time");
    }

    private static void Add(FigureRun run, string name, List<Round> rounds, string what) => run.Add(
        name,
        rounds.Max(static r => r.PerSecond) / 1e6,
        "M samples/s",
        string.Create(
            CultureInfo.InvariantCulture,
            $"{what}; {Streams} streams, best of {RoundCount} rounds by the clock; per second of processor time: "
            + $"median {Median(rounds) / 1e6:F1}; the server had its core for at most "
            + $"{rounds.Max(static r => r.CoreShare):P0}"));

    private static double Median(List<Round> rounds) =>
        rounds.Select(static r => r.PerCpuSecond).Order().ElementAt(rounds.Count / 2);

    private static async Task<Round> FeedAsync(ServerProcess server, CancellationToken cancellationToken)
    {
        var options = new FeedOptions
        {
            Port = server.Port,
            Streams = Streams,
            Clusters = Clusters,
            Busy = Clusters,
            Interval = TimeSpan.Zero,
            Length = TimeSpan.FromSeconds(7),
            WarmUp = TimeSpan.FromSeconds(3),
            ResultFile = "",
        };
        await using var feeder = FeederProcess.Start(options, server);

        // The processor time is that of seconds in the middle of the feeding; the rate is the client's.
        await Task.Delay(TimeSpan.FromSeconds(4), TimeProvider.System, cancellationToken);
        var start = TimeProvider.System.GetTimestamp();
        var cpu = server.CpuSeconds;
        await Task.Delay(TimeSpan.FromSeconds(2), TimeProvider.System, cancellationToken);
        var share = (server.CpuSeconds - cpu) / TimeProvider.System.GetElapsedTime(start).TotalSeconds;
        var result = await feeder.WaitAsync(cancellationToken);
        return new Round(result.Flushes, result.SamplesPerSecond, result.SamplesPerSecond / share, share);
    }

    private sealed record Round(long Flushes, double PerSecond, double PerCpuSecond, double CoreShare);
}
