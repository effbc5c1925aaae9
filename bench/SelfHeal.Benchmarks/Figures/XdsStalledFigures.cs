using System.Globalization;
using SelfHeal.Benchmarks.Servers;
using SelfHeal.Benchmarks.XdsLoad;

namespace SelfHeal.Benchmarks.Figures;

/// <summary>
/// What one client that never reads costs the others: runs with and without it in turns against one server. It
/// subscribes to all clusters, gives the least credit that HTTP/2 allows, and its response is stuck half way.
/// </summary>
internal sealed class XdsStalledFigures : IFigureProvider
{
    private const int Streams = 200;
    private const int Clusters = 1_000;
    private const int RoundCount = 5;

    public IReadOnlyList<string> Names { get; } = ["xds.stalled_p99_excess_ms"];

    public async Task MeasureAsync(FigureRun run, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(run);
        await using var server = await XdsServers.StartSelfHealAsync(Clusters, nodes: 0, cancellationToken);
        var (without, with) = (new List<double>(), new List<double>());
        for (var round = 0; round <= RoundCount; round++)
        {
            var calm = await XdsClientProcess.RunAsync(Load(stalled: 0), server, cancellationToken);
            var stalled = await XdsClientProcess.RunAsync(Load(stalled: 1), server, cancellationToken);
            if (stalled.StalledBytes == 0)
                throw new InvalidOperationException("the stalled client was sent nothing: it did not stall");

            // The first round warms up.
            if (round == 0)
                continue;
            without.AddRange(calm.Pushes.Select(static p => p.P99Millis));
            with.AddRange(stalled.Pushes.Select(static p => p.P99Millis));
        }

        var (calmP99, stalledP99) = (Median(without), Median(with));
        run.Add(
            "xds.stalled_p99_excess_ms",
            stalledP99 - calmP99,
            "ms",
            string.Create(
                CultureInfo.InvariantCulture,
                $"p99 of {Streams} streams in delta with one more that never reads: {stalledP99:F2} ms, without it "
                + $"{calmP99:F2} ms (10 %: {calmP99 / 10:F2}); medians of {with.Count} pushes each in {RoundCount} "
                + $"interleaved rounds"));
    }

    private static XdsLoadOptions Load(int stalled) => new()
    {
        Port = 0,
        Streams = Streams,
        Clusters = Clusters,
        IsDelta = true,
        WarmPushes = 3,
        Pushes = 16,
        Gap = TimeSpan.FromMilliseconds(120),
        Stalled = stalled,
    };

    private static double Median(List<double> values) => values.Order().ElementAt(values.Count / 2);
}
