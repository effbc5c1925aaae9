using System.Globalization;
using SelfHeal.Benchmarks.Servers;
using SelfHeal.Benchmarks.XdsLoad;

namespace SelfHeal.Benchmarks.Figures;

/// <summary>
/// A table: the time until the last stream has one changed cluster, for more streams and for more clusters. It may grow
/// with the streams, each of which is told, and not with clusters, of which one changed.
/// </summary>
internal sealed class XdsGrowthFigures : IFigureProvider
{
    private static readonly (int Streams, int Clusters)[] Cells =
        [(100, 100), (100, 1_000), (100, 10_000), (300, 1_000), (1_000, 1_000)];

    /// <summary>A cell of the table each, and the growth over its two axes.</summary>
    public static IReadOnlyList<string> AllNames { get; } =
        [.. Cells.Select(static c => NameOf(c.Streams, c.Clusters)), "xds.growth.clusters", "xds.growth.streams"];

    public IReadOnlyList<string> Names => AllNames;

    public async Task MeasureAsync(FigureRun run, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(run);
        var spread = new Dictionary<(int Streams, int Clusters), double>();
        foreach (var (streams, clusters) in Cells)
        {
            await using var server = await XdsServers.StartSelfHealAsync(clusters, nodes: 0, cancellationToken);
            var result = await XdsClientProcess.RunAsync(Load(streams, clusters), server, cancellationToken);
            var last = Median(result, static p => p.LastMillis);
            var bump = Median(result, static p => p.BumpMillis);
            spread[(streams, clusters)] = Median(result, static p => p.LastMillis - p.BumpMillis);
            run.Add(
                NameOf(streams, clusters),
                last,
                "ms",
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"delta, median of {result.Pushes.Count} pushes; of it {bump:F1} ms making the snapshot, once per "
                    + $"change, and {1_000 * spread[(streams, clusters)] / streams:F1} us per stream behind it"));
        }

        run.Add(
            "xds.growth.clusters",
            spread[(100, 10_000)] / spread[(100, 100)],
            "times",
            "a push to 100 streams behind the making of the snapshot, 10,000 clusters over 100: 1 is no growth");
        run.Add(
            "xds.growth.streams",
            spread[(1_000, 1_000)] / spread[(100, 1_000)],
            "times",
            "a push of one of 1,000 clusters behind the making of the snapshot, 1,000 streams over 100: 10 is linear");
    }

    private static string NameOf(int streams, int clusters) => string.Create(
        CultureInfo.InvariantCulture, $"xds.growth.{streams}_streams_{clusters}_clusters_ms");

    private static double Median(XdsLoadResult result, Func<XdsPush, double> value) =>
        result.Pushes.Select(value).Order().ElementAt(result.Pushes.Count / 2);

    private static XdsLoadOptions Load(int streams, int clusters) => new()
    {
        Port = 0,
        Streams = streams,
        Clusters = clusters,
        IsDelta = true,
        WarmPushes = 30,
        Pushes = 31,
        Gap = TimeSpan.FromMilliseconds(120),
    };
}
