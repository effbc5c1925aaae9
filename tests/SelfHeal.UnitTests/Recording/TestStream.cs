using SelfHeal.Core.Control;
using SelfHeal.Core.Series;
using SelfHeal.Core.Time;

namespace SelfHeal.UnitTests.Recording;

/// <summary>A stats stream whose values grow, with new series now and then.</summary>
internal sealed class TestStream(long id, string node)
{
    private readonly List<long> _values = [];
    private long _sequence;

    public SeriesCatalog Catalog { get; } = new();

    public ControlEvent Opened { get; } = new ControlEvent.StatsStreamOpened(id, node, "edge");

    /// <summary>The next batch: so many series, so many of them changed, in an order that may be another.</summary>
    public ControlEvent Flush(ControlTime now, int series, int changed = int.MaxValue, IRandomSource? random = null)
    {
        random ??= new SeededRandomSource((ulong)_sequence);
        while (Catalog.Count < series)
        {
            var name = $"payments-v{Catalog.Count / 3}";
            var stat = (Catalog.Count % 3) switch
            {
                0 => Stat.UpstreamRqTotal,
                1 => Stat.UpstreamRq5xx,
                _ => Stat.UpstreamCxActive,
            };
            Catalog.Append(new SeriesEntry(
                $"cluster.{name}.{stat}", new SeriesKey(StatScope.Cluster, name, stat), Catalog.Count % 5 == 0));
            _values.Add(0);
        }

        var batch = new FlushBatch();
        for (var i = 0; i < Math.Min(changed, series); i++)
            _values[random.NextInt32(series)] += random.NextInt32(1_000_000) - 1_000;
        var first = random.NextInt32(series);
        for (var i = 0; i < series; i++)
            batch.Add((first + i) % series, _values[(first + i) % series]);
        Span<uint> counts = stackalloc uint[FlushBatch.HistogramBuckets];
        for (var i = 0; i < random.NextInt32(3); i++)
        {
            counts.Clear();
            counts[random.NextInt32(counts.Length)] = uint.MaxValue - (uint)i;
            counts[^1] = (uint)i;
            batch.AddHistogram(random.NextInt32(series), counts);
        }

        batch.Skip();
        batch.Overflow();
        batch.Unusable();
        var arrival = new ControlTime(now.MonotonicNanos - random.NextInt32(1_000_000), now.Wall.AddTicks(-1));
        batch.Seal(id, _sequence++, random.NextInt32(3), now.Wall.ToUnixTimeMilliseconds(), arrival, Catalog);
        return batch.Received;
    }
}
