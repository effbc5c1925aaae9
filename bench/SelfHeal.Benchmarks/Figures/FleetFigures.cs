using System.Globalization;
using SelfHeal.Benchmarks.Feeding;
using SelfHeal.Benchmarks.Servers;

namespace SelfHeal.Benchmarks.Figures;

/// <summary>A gateway fleet: 100 streams of 12,000 series, five minutes, into <c>selfheal serve</c>.</summary>
internal sealed class FleetFigures : IFigureProvider
{
    private const int Streams = 100;
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(5);

    /// <summary>Streams say their names and the runtime compiles for good.</summary>
    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(30);

    private static readonly TimeSpan Length = TimeSpan.FromMinutes(5);

    public IReadOnlyList<string> Names { get; } =
    [
        "stats.fleet_core_share", "stats.fleet_rss_mib", "stats.fleet_lost_flushes", "stats.bytes_per_series",
    ];

    public async Task MeasureAsync(FigureRun run, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(run);
        await using var server = await ServerProcess.StartSelfHealAsync(isPinned: false, cancellationToken);
        var empty = server.ResidentMib;
        await using var feeder = FeederProcess.Start(new FeedOptions
        {
            Port = server.Port,
            Streams = Streams,
            Clusters = 168,
            Busy = 164,
            Interval = Interval,
            Length = WarmUp + Length + Interval,
            WarmUp = WarmUp,
            ResultFile = "",
        }, server);
        await Task.Delay(WarmUp, TimeProvider.System, cancellationToken);
        var resident = new List<double>();
        var cpu = server.CpuSeconds;
        var start = TimeProvider.System.GetTimestamp();
        for (var elapsed = TimeSpan.Zero; elapsed < Length; elapsed = TimeProvider.System.GetElapsedTime(start))
        {
            resident.Add(server.ResidentMib);
            await Task.Delay(TimeSpan.FromSeconds(10), TimeProvider.System, cancellationToken);
        }

        var share = (server.CpuSeconds - cpu) / TimeProvider.System.GetElapsedTime(start).TotalSeconds;
        resident.Add(server.ResidentMib);
        var fed = await feeder.WaitAsync(cancellationToken);

        // What was sent last is folded when its quiet time is over.
        await Task.Delay(TimeSpan.FromSeconds(2), TimeProvider.System, cancellationToken);
        Report(run, fed, await MetricsPage.ReadAsync(server, cancellationToken), share, empty, resident);
    }

    private static void Report(
        FigureRun run, FeedResult fed, MetricsPage metrics, double share, double empty, List<double> resident)
    {
        if (fed.Late > 0)
            throw new InvalidOperationException($"the client sent {fed.Late} flushes late: it was the bottleneck");
        var load = string.Create(
            CultureInfo.InvariantCulture, $"{Streams} streams of {fed.FamiliesPerFlush} series every 5 s for 5 min");
        run.Add("stats.fleet_core_share", 100 * share, "% of a core", $"{load}; /proc/PID/stat");
        var series = string.Create(
            CultureInfo.InvariantCulture,
            $"{load}; the largest of {resident.Count} samples, first {resident[0]:F0}, middle "
            + $"{resident[resident.Count / 2]:F0}, last {resident[^1]:F0}; {empty:F0} without streams");
        run.Add("stats.fleet_rss_mib", resident.Max(), "MiB", series);
        run.Add(
            "stats.fleet_lost_flushes",
            fed.Flushes - metrics.Sum("selfheal_stats_flushes_total"),
            "flushes",
            string.Create(
                CultureInfo.InvariantCulture,
                $"of {fed.Flushes}; {metrics.Sum("selfheal_stats_dropped_batches_total")} batches dropped, "
                + $"{metrics.Sum("selfheal_stats_lost_batches_total")} lost, "
                + $"{metrics.Sum("selfheal_stats_damaged_flushes_total")} flushes damaged, "
                + $"{metrics.Sum("selfheal_stats_unknown_blocks_total")} blocks unknown"));
        run.Add(
            "stats.bytes_per_series",
            (resident[^1] - empty) * 1024 * 1024 / ((double)Streams * fed.FamiliesPerFlush),
            "B",
            "resident growth over all series of all streams (1.2 million)");
    }
}
