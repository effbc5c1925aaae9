using System.Buffers;
using Io.Prometheus.Client;
using SelfHeal.Core.Series;
using SelfHeal.Core.Time;
using SelfHeal.Xds.Stats;

namespace SelfHeal.UnitTests.Xds.Stats;

/// <summary>
/// Dumps of real proxies decode to their last number, by the general parser at the first flush and by comparing bytes
/// at the second. They lie in a folder <c>shared/data</c> above the checkout, for they are not ours.
/// </summary>
[TestFixture]
public sealed class StatsDumpTests
{
    private static readonly string? Folder = Find();

    private static IEnumerable<string> Dumps() => Folder is null
        ? []
        : Directory.EnumerateFiles(Folder, "*", SearchOption.AllDirectories)
            .Where(static path => path.EndsWith(".txt", StringComparison.Ordinal)
                || path.EndsWith(".in", StringComparison.Ordinal))
            .Select(static path => Path.GetRelativePath(Folder, path))
            .Order(StringComparer.Ordinal);

    [Test]
    public void Dumps_OfRealProxies_AreThere()
    {
        if (Folder is null)
            Assert.Ignore("needs shared/data/envoy/stats in a folder above the checkout");
        Assert.That(Dumps().Count(), Is.GreaterThanOrEqualTo(12));
    }

    [TestCaseSource(nameof(Dumps))]
    public void OnPart_DumpOfARealProxy_GivesEveryNumber(string dump)
    {
        var stats = new StatsDump(Path.Combine(Folder!, dump));
        Assert.That(stats.Lines, Is.GreaterThan(0));
        var pool = new FlushBatchPool();
        var sink = new ValueSink(pool);
        var directory = new SeriesDirectory { KeepsEverySeries = true };
        var reader = new MetricsStreamReader(1, new MetricsStreamOptions(), pool, sink, directory);
        for (var flush = 0; flush < 3; flush++)
        {
            var before = reader.Mispredictions;
            var bytes = stats.Flush(flush == 0, 1_000_000_000_000 + (flush * 5_000));
            reader.OnMessageStart(bytes.Length);
            Assert.That(reader.OnPart(new ReadOnlySequence<byte>(bytes), true, default), Is.True, $"{reader.Error}");
            Expect(stats, sink);

            // A name that a dump holds twice is followed by one series here and by another there.
            var repeated = stats.Families.Count - reader.SeriesCount;
            if (flush == 2)
                Assert.That(reader.Mispredictions - before, Is.LessThanOrEqualTo(2 * repeated));
        }

        TestContext.Out.WriteLine($"{stats.Lines} numbers, {stats.TextLines} lines of text");
    }

    private static void Expect(StatsDump dump, ValueSink sink)
    {
        var values = new List<long>();
        var histograms = new List<ulong>();
        var skipped = 0;
        var unusable = 0;
        foreach (var family in dump.Families)
        {
            var metric = family.Metric[0];
            if (family.Type == MetricType.Histogram)
                histograms.Add(metric.Histogram.SampleCount);
            else if (family.Type == MetricType.Summary)
                skipped++;
            else if (IsUsable(family))
                values.Add((long)(metric.Counter?.Value ?? metric.Gauge.Value));
            else
                unusable++;
        }

        Assert.That(sink.Values, Is.EqualTo(values));
        Assert.That(sink.Histograms, Is.EqualTo(histograms));
        Assert.That((sink.Skipped, sink.Unusable, sink.Overflowed), Is.EqualTo((skipped, unusable, 0)));
        Assert.That(sink.Names, Is.EqualTo(dump.Families.Where(static f => f.Type != MetricType.Summary)
            .Where(static f => f.Type == MetricType.Histogram || IsUsable(f))
            .OrderBy(static f => f.Type == MetricType.Histogram)
            .Select(static f => f.Name)));
    }

    /// <summary>Envoy's config versions are hashes in gauges of 64 bits without sign: no double holds them, and they
    /// are counted as unusable.</summary>
    private static bool IsUsable(MetricFamily family) =>
        Math.Abs(family.Metric[0].Counter?.Value ?? family.Metric[0].Gauge.Value) <= 9e18;

    private static string? Find()
    {
        for (var at = new DirectoryInfo(AppContext.BaseDirectory); at is not null; at = at.Parent)
        {
            var data = Path.Combine(at.FullName, "shared", "data", "envoy", "stats");
            if (Directory.Exists(data))
                return data;
        }

        return null;
    }

    /// <summary>The samples of the newest batch.</summary>
    private sealed class ValueSink(FlushBatchPool pool) : IFlushSink
    {
        public List<long> Values { get; } = [];

        public List<ulong> Histograms { get; } = [];

        public List<string> Names { get; } = [];

        public int Skipped { get; private set; }

        public int Unusable { get; private set; }

        public int Overflowed { get; private set; }

        public void StreamOpened(long stream, string node, string nodeCluster, ControlTime now)
        {
        }

        public void Post(FlushBatch batch)
        {
            Values.Clear();
            Histograms.Clear();
            Names.Clear();
            Values.AddRange(batch.Values);
            foreach (var index in batch.Indexes)
                Names.Add(batch.Catalog[index].FullName.Split('{')[0]);
            for (var i = 0; i < batch.HistogramIndexes.Length; i++)
            {
                var sum = 0UL;
                foreach (var count in batch.HistogramCounts.Slice(i * 20, 20))
                    sum += count;
                Histograms.Add(sum);
                Names.Add(batch.Catalog[batch.HistogramIndexes[i]].FullName.Split('{')[0]);
            }

            (Skipped, Unusable, Overflowed) = (batch.SkippedSamples, batch.UnusableSamples, batch.OverflowedSamples);
            pool.Return(batch);
        }
    }
}
