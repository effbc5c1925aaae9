using System.Globalization;
using SelfHeal.Benchmarks.Delegation;

namespace SelfHeal.Benchmarks.Figures;

/// <summary>
/// What <c>selfheal serve</c> in delegate mode adds to the way of an upstream's message, up to a megabyte: pushes to a
/// client through it and to one beside it, in turns.
/// </summary>
internal sealed class DelegateLatencyFigures : IFigureProvider
{
    private const string Added = "delegate.added_p99_ms";
    private const double Bound = 2;
    private const int Pushes = 400;

    private static readonly (string Name, RelayShape Shape, bool HasDelta)[] Kinds =
    [
        ("1 kB", new RelayShape(1, 35, 1), true),
        ("100 kB of 100 clusters", new RelayShape(100, 35, 100), true),
        ("1 MB in one cluster", new RelayShape(1, 41_000, 1), true),
        ("1 MB of 1,000 clusters, of which one changes", new RelayShape(1_000, 35, 1), false),
        ("1 MB of 1,000 clusters that all change", new RelayShape(1_000, 35, 1_000), true),
    ];

    public IReadOnlyList<string> Names { get; } = [Added];

    public async Task MeasureAsync(FigureRun run, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(run);
        await using var upstream = await RelayServers.StartUpstreamAsync(cancellationToken);
        await using var relay = await RelayServers.StartRelayAsync(upstream.Port, cancellationToken);
        var (worst, notes) = (double.NegativeInfinity, new List<string>());
        foreach (var (name, shape, hasDelta) in Kinds)
        {
            foreach (var isDelta in hasDelta ? (bool[])[false, true] : [false])
            {
                var times = RelayRounds.Run(
                    upstream.Port, upstream.Admin.Port, relay.Port, shape, isDelta, Pushes);
                worst = Math.Max(worst, times.Added(0.99));
                notes.Add(Describe(name, isDelta, times));
                await Console.Out.WriteLineAsync($"    {notes[^1]}");
            }
        }

        run.Add(Added, worst, "ms", string.Create(
            CultureInfo.InvariantCulture,
            $"p99 through the relay less p99 beside it, the largest of {notes.Count} kinds; bound {Bound}; {Pushes} "
            + $"pushes each way in turns: {string.Join("; ", notes)}"));
    }

    private static string Describe(string name, bool isDelta, RelayTimes times) => string.Create(
        CultureInfo.InvariantCulture,
        $"{name}, {(isDelta ? "delta" : "SotW")} ({times.Bytes:N0} bytes): p99 +{times.Added(0.99):F2} "
        + $"({Of(times.Relayed, 0.99)} over {Of(times.Direct, 0.99)}), median +{times.Added(0.5):F2} "
        + $"({Of(times.Relayed, 0.5)} over {Of(times.Direct, 0.5)})");

    private static string Of(IReadOnlyList<double> times, double share) =>
        RelayTimes.Quantile(times, share).ToString("F2", CultureInfo.InvariantCulture);
}
