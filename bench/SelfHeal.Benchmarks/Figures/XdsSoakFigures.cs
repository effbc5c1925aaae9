using System.Globalization;
using SelfHeal.Benchmarks.Servers;
using SelfHeal.Benchmarks.XdsLoad;

namespace SelfHeal.Benchmarks.Figures;

/// <summary>Ten minutes in which 200 of 1,000 streams a second are cut and synchronize anew: memory stays flat.
/// </summary>
internal sealed class XdsSoakFigures : IFigureProvider
{
    private const int Streams = 1_000;
    private const int Clusters = 1_000;
    private const int ReconnectsPerSecond = 200;

    private static readonly TimeSpan Length = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan SampleInterval = TimeSpan.FromSeconds(5);

    public IReadOnlyList<string> Names { get; } = ["xds.soak"];

    public async Task MeasureAsync(FigureRun run, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(run);
        await using var server = await XdsServers.StartSelfHealAsync(Clusters, nodes: 0, cancellationToken);
        await using var clients = XdsClientProcess.Start(
            new XdsLoadOptions
            {
                Port = 0,
                Streams = Streams,
                Clusters = Clusters,
                IsDelta = true,
                Hold = Length,
                ReconnectsPerSecond = ReconnectsPerSecond,
            },
            server);
        await clients.WaitSyncedAsync(cancellationToken);
        var cpu = server.CpuSeconds;
        var start = TimeProvider.System.GetTimestamp();
        var resident = new List<double>();
        while (TimeProvider.System.GetElapsedTime(start) < Length)
        {
            resident.Add(server.ResidentMib);
            await Task.Delay(SampleInterval, TimeProvider.System, cancellationToken);
        }

        var share = (server.CpuSeconds - cpu) / Length.TotalSeconds;
        var result = await clients.WaitAsync(cancellationToken);
        var expected = (long)(0.95 * ReconnectsPerSecond * Length.TotalSeconds);
        if (result.Reconnects < expected)
            throw new InvalidOperationException($"{result.Reconnects} streams reconnected, expected {expected}");

        // The first minute is the heap's way to its size; what grows after it is a leak.
        var minute = (int)(TimeSpan.FromMinutes(1) / SampleInterval);
        var early = Median(resident[minute..(3 * minute)]);
        var late = Median(resident[^(2 * minute)..]);
        run.Add(
            "xds.soak",
            100 * ((late / early) - 1),
            "% growth",
            string.Create(
                CultureInfo.InvariantCulture,
                $"resident memory, minutes 8 to 10 over 1 to 3: {late:F0} and {early:F0} MiB, at most "
                + $"{resident.Max():F0}; {result.Reconnects} reconnects in {Length.TotalMinutes} min, p99 of a sync "
                + $"{result.ResyncP99Millis:F0} ms, {share:P0} of a core"));
    }

    private static double Median(IReadOnlyCollection<double> values) => values.Order().ElementAt(values.Count / 2);
}
