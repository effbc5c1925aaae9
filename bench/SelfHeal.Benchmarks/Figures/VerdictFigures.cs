using System.Globalization;
using SelfHeal.Benchmarks.Feeding;
using SelfHeal.Benchmarks.Servers;

namespace SelfHeal.Benchmarks.Figures;

/// <summary>1,000 streams of 2,000 series: from a flush's last byte to the step that judged it, as the server says.
/// </summary>
internal sealed class VerdictFigures : IFigureProvider
{
    private const string Histogram = "selfheal_stats_flush_to_verdict_seconds";
    private const string Flushes = "selfheal_stats_flushes_total";
    private const int Streams = 1_000;

    public IReadOnlyList<string> Names { get; } = ["stats.flush_to_verdict_p99_ms"];

    public async Task MeasureAsync(FigureRun run, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(run);
        await using var server = await ServerProcess.StartSelfHealAsync(isPinned: false, cancellationToken);
        await using var feeder = FeederProcess.Start(new FeedOptions
        {
            Port = server.Port,
            Streams = Streams,
            Clusters = 31,
            Busy = 27,
            Interval = TimeSpan.FromSeconds(5),
            Length = TimeSpan.FromSeconds(75),
            WarmUp = TimeSpan.FromSeconds(15),
            ResultFile = "",
        }, server);
        await Task.Delay(TimeSpan.FromSeconds(15), TimeProvider.System, cancellationToken);
        var before = await MetricsPage.ReadAsync(server, cancellationToken);
        var cpu = server.CpuSeconds;
        var start = TimeProvider.System.GetTimestamp();
        await Task.Delay(TimeSpan.FromSeconds(55), TimeProvider.System, cancellationToken);
        var after = await MetricsPage.ReadAsync(server, cancellationToken);
        var seconds = TimeProvider.System.GetElapsedTime(start).TotalSeconds;
        var share = (server.CpuSeconds - cpu) / seconds;
        var resident = server.ResidentMib;
        var fed = await feeder.WaitAsync(cancellationToken);
        var folded = after.Sum(Flushes) - before.Sum(Flushes);
        var load = string.Create(
            CultureInfo.InvariantCulture,
            $"{Streams} streams of {fed.FamiliesPerFlush} series every 5 s, {folded} flushes in {seconds:F0} s, "
            + $"{fed.Late} sent late, {after.Sum("selfheal_stats_dropped_batches_total")} batches dropped, "
            + $"{share:P0} of a core, {resident:F0} MiB resident");
        if (!after.Has(Histogram + "_bucket"))
            throw new InvalidOperationException($"{Histogram} is not in /metrics; seen meanwhile: {load}");
        run.Add("stats.flush_to_verdict_p99_ms", 1_000 * after.QuantileSince(before, Histogram, 0.99), "ms", load);
    }
}
