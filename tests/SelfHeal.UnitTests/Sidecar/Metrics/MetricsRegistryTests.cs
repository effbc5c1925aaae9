using System.Buffers;
using System.Diagnostics.Metrics;
using System.Text;
using SelfHeal.Sidecar.Metrics;

namespace SelfHeal.UnitTests.Sidecar.Metrics;

internal sealed class MetricsRegistryTests
{
    private const string MeterName = "SelfHeal.Tests";

    private readonly TestMeterFactory _meters = new();
    private Meter _meter = null!; // Set before each test.
    private MetricsRegistry _registry = null!; // Set before each test.

    [SetUp]
    public void SetUp()
    {
        _meter = _meters.Create(new MeterOptions(MeterName));
        _registry = new MetricsRegistry(_meters, seriesMax: 5);
    }

    [TearDown]
    public void TearDown()
    {
        _registry.Dispose();
        _meter.Dispose();
    }

    [Test]
    public void Write_EveryInstrument_IsTheGoldenText()
    {
        var nacks = _meter.CreateCounter<long>("selfheal.xds.nacks", "{nacks}", "By \"type\".\nSecond \\ line.");
        nacks.Add(2, new("type", "RDS"), new("node", "b"));
        nacks.Add(1, new("type", "CDS"), new("node", "a\"\\\n"));
        nacks.Add(3, new("node", "b"), new("type", "RDS"));
        var streams = _meter.CreateUpDownCounter<int>("selfheal.xds.streams");
        streams.Add(3);
        streams.Add(-1);
        _meter.CreateGauge<double>("selfheal.ledger.free", "By").Record(1.5e15);
        _meter.CreateGauge<double>("selfheal.load", "1").Record(double.NaN);
        _meter.CreateObservableGauge("selfheal.age", () => TimeSpan.FromMinutes(1).TotalSeconds, "s", "Age.");
        _meter.CreateObservableCounter(
            "selfheal.seen_total", () => new Measurement<long>(7, new("ok", true), new("n", 3)));
        var flush = _meter.CreateHistogram(
            "selfheal.flush",
            "s",
            "Time.",
            null,
            new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.1, 1] });
        foreach (var value in (double[])[0.05, 0.1, 0.5, 3, double.NaN])
            flush.Record(value, new KeyValuePair<string, object?>("node", "a"));
        _meter.CreateCounter<long>("selfheal.unused").Add(0);
        _meter.CreateCounter<long>("selfheal.never");
        _meter.CreateCounter<decimal>("9.odd-näme").Add(0.5m, new KeyValuePair<string, object?>("0.k-ey", null));

        GoldenFile.Check("tests/SelfHeal.UnitTests/Sidecar/Metrics/EveryInstrument.txt", Scrape());
    }

    [Test]
    public void Write_Twice_IsTheSame()
    {
        var counter = _meter.CreateCounter<long>("selfheal.c");
        foreach (var name in (string[])["z", "a", "m"])
            counter.Add(1, new KeyValuePair<string, object?>("k", name));

        var first = Scrape();
        var second = Scrape();

        Assert.That(second, Is.EqualTo(first));
    }

    [Test]
    public void Write_MoreSeriesThanAllowed_OverflowsIntoOneAndCounts()
    {
        var counter = _meter.CreateCounter<long>("selfheal.c");
        for (var series = 0; series < 8; series++)
            counter.Add(1, new KeyValuePair<string, object?>("k", series));
        counter.Add(1, new KeyValuePair<string, object?>("k", 0));

        var text = Scrape();

        using (Assert.EnterMultipleScope())
        {
            Assert.That(text, Does.Contain("selfheal_c_total{k=\"0\"} 2\n"));
            Assert.That(text, Does.Contain("selfheal_c_total{otel_metric_overflow=\"true\"} 3\n"));
            Assert.That(text, Does.Contain("selfheal_metrics_overflow_total{metric=\"selfheal_c_total\"} 3\n"));
        }
    }

    [Test]
    public void Write_ObservedSeriesThatIsGone_IsLeftOut()
    {
        var nodes = new List<string> { "a", "b" };
        _meter.CreateObservableGauge("selfheal.up", () => nodes.Select(node =>
            new Measurement<int>(1, new KeyValuePair<string, object?>("node", node))));
        var before = Scrape();
        nodes.Remove("a");
        var after = Scrape();

        using (Assert.EnterMultipleScope())
        {
            Assert.That(before, Does.Contain("selfheal_up{node=\"a\"} 1\n"));
            Assert.That(after, Does.Not.Contain("node=\"a\"").And.Contains("selfheal_up{node=\"b\"} 1\n"));
        }
    }

    [Test]
    public void Write_CallbackThatThrows_IsCountedAndHidesNothing()
    {
        _meter.CreateObservableGauge("selfheal.bad", Broken);
        _meter.CreateObservableGauge("selfheal.good", () => 1);

        var text = Scrape();

        Assert.That(text, Does.Contain("selfheal_good 1\n").And.Contains("selfheal_metrics_callback_errors_total 1\n"));
    }

    [Test]
    public void Write_TwoKindsUnderOneName_KeepsTheFirstAndCounts()
    {
        _meter.CreateGauge<int>("selfheal.x").Record(1);
        _meter.CreateHistogram<int>("selfheal_x").Record(2);

        Assert.That(Scrape(), Does.Contain("selfheal_x 1\n").And.Contains("selfheal_metrics_conflicts_total 1\n"));
    }

    [Test]
    public void Write_MetersThatAreNotOurs_AreIgnored()
    {
        using var foreign = new Meter("Other");
        foreign.CreateCounter<int>("selfheal.foreign").Add(1);
        using var others = new TestMeterFactory();
        others.Create(new MeterOptions(MeterName)).CreateCounter<int>("selfheal.other.host").Add(1);

        Assert.That(Scrape(), Does.Not.Contain("foreign").And.Not.Contain("other_host"));
    }

    [Test]
    public void Add_KnownSeries_AllocatesNothing()
    {
        var counter = _meter.CreateCounter<long>("selfheal.c");
        var histogram = _meter.CreateHistogram<double>("selfheal.h");
        var tag = new KeyValuePair<string, object?>("node", "a");
        Assert.That(SteadyState.AllocatedBytes(Measure), Is.Zero);

        void Measure()
        {
            for (var i = 0; i < 1_000; i++)
            {
                counter.Add(1, tag);
                histogram.Record(0.5, tag);
            }
        }
    }

    [Test]
    public void Add_FromManyThreads_LosesNothing()
    {
        var counter = _meter.CreateCounter<long>("selfheal.c");
        Parallel.For(0, 40_000, round => counter.Add(1, new KeyValuePair<string, object?>("k", round % 2 == 0)));

        Assert.That(
            Scrape(), Does.Contain("{k=\"false\"} 20000\n").And.Contains("{k=\"true\"} 20000\n"));
    }

    [TestCase("selfheal.xds.nacks", null, 0, "selfheal_xds_nacks_total")]
    [TestCase("selfheal.seen.total", null, 0, "selfheal_seen_total")]
    [TestCase("selfheal.cpu", "s", 0, "selfheal_cpu_seconds_total")]
    [TestCase("selfheal.cpu.seconds", "s", 0, "selfheal_cpu_seconds_total")]
    [TestCase("selfheal.size", "By", 1, "selfheal_size_bytes")]
    [TestCase("selfheal.full", "1", 1, "selfheal_full_ratio")]
    [TestCase("selfheal.age", "ms", 2, "selfheal_age_milliseconds")]
    [TestCase("selfheal.count", "{things}", 1, "selfheal_count")]
    [TestCase("9a-b", null, 1, "_9a_b")]
    public void OfMetric_Name_IsMapped(string name, string? unit, int kind, string expected) =>
        Assert.That(PrometheusName.OfMetric(name, unit, (MetricKind)kind), Is.EqualTo(expected));

    private static int Broken() => throw new InvalidOperationException("no");

    private string Scrape()
    {
        var buffer = new ArrayBufferWriter<byte>();
        _registry.Write(buffer);
        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }
}
