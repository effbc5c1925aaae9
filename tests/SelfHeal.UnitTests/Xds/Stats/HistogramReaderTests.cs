using Google.Protobuf;
using Io.Prometheus.Client;
using SelfHeal.Core.Series;
using SelfHeal.Xds.Stats;

namespace SelfHeal.UnitTests.Xds.Stats;

[TestFixture]
public sealed class HistogramReaderTests
{
    private static readonly double[] Defaults =
    [
        0.5, 1, 5, 10, 25, 50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000, 30_000, 60_000, 300_000, 600_000, 1_800_000,
        3_600_000,
    ];

    [Test]
    public void TryRead_DefaultEdges_GivesEachBucketItsOwn()
    {
        var below = 0UL;
        var buckets = Defaults.Select((edge, i) => (edge, below += (ulong)((i * 7) + 1))).ToArray();
        var counts = Read(below + 1_000, buckets);
        for (var slot = 0; slot < 19; slot++)
            Assert.That(counts[slot], Is.EqualTo((slot * 7) + 1), $"bucket {slot}");
        Assert.That(counts[19], Is.EqualTo(1_000), "above the last edge");
    }

    [Test]
    public void TryRead_OtherEdges_CountsNothingAsSlowerThanProved()
    {
        // Between 80 and 300 ms: it may have been 81.
        var counts = Read(10, (80, 4), (300, 9));
        Assert.That(counts[0], Is.EqualTo(4), "up to 80 may be 0");
        Assert.That(counts[6], Is.EqualTo(5), "above 80 is in (50, 100] or beyond");
        Assert.That(counts[8], Is.EqualTo(1), "above 300 is in (250, 500] or beyond");
        Assert.That(counts.Sum(static c => c), Is.EqualTo(10));
    }

    [Test]
    public void TryRead_SomeOfTheDefaultEdges_KeepsThem()
    {
        var counts = Read(12, (500, 4), (1_000, 9), (double.PositiveInfinity, 12));
        Assert.That((counts[0], counts[9], counts[10]), Is.EqualTo((4u, 5u, 3u)));
    }

    [Test]
    public void TryRead_EmptyOrAbsurd_IsTolerated()
    {
        Assert.That(Read(0), Is.All.Zero);
        Assert.That(Read(5), Is.EqualTo((uint[])[5, .. new uint[19]]));
        Assert.That(Read(5, (double.NaN, 3), (double.NaN, 1)).Sum(static c => c), Is.EqualTo(5));
        Assert.That(Read(3, (1, 9), (5, 2)).Sum(static c => c), Is.EqualTo(9), "counts that fall add nothing");
        Assert.That(Read(ulong.MaxValue, (1, ulong.MaxValue - 5))[0], Is.EqualTo(uint.MaxValue));
    }

    [TestCase("08", MetricsStreamErrorCode.Truncated, 1)]
    [TestCase("09", MetricsStreamErrorCode.BadWireType, 0)]
    [TestCase("1A0208", MetricsStreamErrorCode.BadLength, 1)]
    [TestCase("1A0109", MetricsStreamErrorCode.BadWireType, 2)]
    [TestCase("1A031100", MetricsStreamErrorCode.BadLength, 1)]
    [TestCase("1A021100", MetricsStreamErrorCode.Truncated, 3)]
    public void TryRead_Malformed_SaysWhere(string hex, MetricsStreamErrorCode code, int offset)
    {
        var counts = new uint[FlushBatch.HistogramBuckets];
        var isRead = HistogramReader.TryRead(Convert.FromHexString(hex), counts, out var error, out var at);
        Assert.That((isRead, error, at), Is.EqualTo((false, code, offset)));
    }

    private static uint[] Read(ulong count, params (double Edge, ulong Cumulative)[] buckets)
    {
        var histogram = new Histogram { SampleCount = count, SampleSum = double.NaN };
        foreach (var (edge, cumulative) in buckets)
            histogram.Bucket.Add(new Bucket { UpperBound = edge, CumulativeCount = cumulative });
        var counts = new uint[FlushBatch.HistogramBuckets];
        Assert.That(HistogramReader.TryRead(histogram.ToByteArray(), counts, out _, out _), Is.True);
        return counts;
    }
}
