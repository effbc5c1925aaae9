using System.Text;
using SelfHeal.Core.Upstream;
using SelfHeal.Sidecar.Upstream;

namespace SelfHeal.UnitTests.Sidecar.Upstream;

[TestFixture]
public sealed class UpstreamReadingTests
{
    private const string Start = "# TYPE process_start_time_seconds gauge\nprocess_start_time_seconds 7\n";

    [Test]
    public void TryRead_OfARealIstiod_FindsWhatItSays()
    {
        var text = File.ReadAllBytes(
            Path.Combine(GoldenFile.Root, "tests/SelfHeal.UnitTests/Golden/Upstream/istiod-1.31.prom"));

        Assert.That(UpstreamReadingParser.TryRead(text, out var reading, out var error), Is.True, error?.ToString());
        Assert.That(reading!.Rejects, Is.EqualTo((KeyValuePair<string, double>[])[new("cds", 1)]));
        Assert.That(reading.Pushes, Is.EqualTo(8));
        Assert.That(reading.PushErrors + reading.InternalErrors + reading.Timeouts, Is.Zero);
        Assert.That(reading.ConnectedProxies, Is.EqualTo(1));
        Assert.That(reading.Convergence.Count, Is.EqualTo(1));
        Assert.That(reading.StartedSeconds, Is.GreaterThan(1.7e9));
    }

    [TestCase("", 0, "metrics of Istiod, whose names begin with pilot_")]
    [TestCase("up 1\n", 1, "metrics of Istiod, whose names begin with pilot_")]
    [TestCase("pilot_xds -1\n", 1, "a value from 0 to 2^53")]
    [TestCase("pilot_xds NaN\n", 1, "a value from 0 to 2^53")]
    [TestCase("pilot_xds 1e16\n", 1, "a value from 0 to 2^53")]
    [TestCase("# TYPE pilot_xds counter\npilot_xds 1\n", 2, "pilot_xds to be a gauge")]
    [TestCase("# TYPE pilot_xds_pushes gauge\npilot_xds_pushes 1\n", 2, "pilot_xds_pushes to be a counter")]
    [TestCase("pilot_xds{a=\"1\",b=\"2\"} 1\npilot_xds{b=\"2\",a=\"1\"} 1\n", 2,
        "each series once, not pilot_xds{a=\"1\",b=\"2\"} twice")]
    [TestCase("# TYPE pilot_proxy_convergence_time histogram\npilot_proxy_convergence_time_bucket 1\n", 2,
        "the label le of a bucket")]
    [TestCase("# TYPE pilot_proxy_convergence_time histogram\npilot_proxy_convergence_time_bucket{le=\"x\"} 1\n", 2,
        "the edge of a bucket, from 0 to +Inf, in the label le")]
    [TestCase("# TYPE pilot_proxy_convergence_time histogram\npilot_proxy_convergence_time_bucket{le=\"1\"} 1\n", 2,
        "a bucket +Inf of pilot_proxy_convergence_time")]
    [TestCase("# TYPE pilot_proxy_convergence_time histogram\npilot_proxy_convergence_time_bucket{le=\"1\"} 2\n"
        + "pilot_proxy_convergence_time_bucket{le=\"2\"} 1\n", 3,
        "buckets by rising edge, none of which counts less than the one before")]
    public void TryRead_WhatCannotBe_IsNamed(string text, int line, string expected)
    {
        Assert.That(UpstreamReadingParser.TryRead(Encoding.UTF8.GetBytes(text), out _, out var error), Is.False);
        Assert.That(error, Is.EqualTo(new PrometheusTextError(line, expected)));
    }

    [Test]
    public void TryRead_MoreTypesThanThereCanBe_CountsTheRestAsOne()
    {
        var text = new StringBuilder();
        for (var i = 0; i < 100; i++)
            text.Append(System.Globalization.CultureInfo.InvariantCulture,
                $"pilot_total_xds_rejects{{type=\"t{i:00}\"}} 1\n");
        text.Append("pilot_total_xds_rejects{type=\"\u00e9 \\\"\"} 1\n");

        var reading = Read(text.ToString());

        Assert.That(reading.Rejects, Has.Count.EqualTo(17));
        Assert.That(reading.Rejects["other"], Is.EqualTo(85));
    }

    [Test]
    public void Since_CountersThatGrew_AreTheDifferences()
    {
        var before = Read(Start + Counters(1, 2, 3, 4, 5, 100, 100, 100));
        var after = Read(Start + Counters(2, 4, 6, 8, 10, 150, 199, 200)
            + "pilot_xds{version=\"1\"} 3\npilot_xds{version=\"2\"} 4\n");

        Assert.That(after.IsOfAnotherProcess(before), Is.False);
        var report = after.Since(before, TimeSpan.FromSeconds(10));

        Assert.That(report.Rejects, Is.EqualTo((RejectCount[])[new("cds", 1)]));
        Assert.That(report with { Rejects = [] }, Is.EqualTo(new UpstreamReport(
            UpstreamAnswer.Read, 10_000, report.Rejects, 2, 3, 4, 5, 100, 1_000, 7) with
        { Rejects = [] }));
    }

    [Test]
    public void Since_TypeThatWasNotThereBefore_CountsFromNothing()
    {
        var before = Read(Start + "pilot_total_xds_rejects{type=\"cds\"} 5\n");
        var after = Read(Start + "pilot_total_xds_rejects{type=\"cds\"} 5\npilot_total_xds_rejects{type=\"lds\"} 2\n");

        Assert.That(
            after.Since(before, TimeSpan.FromSeconds(10)).Rejects, Is.EqualTo((RejectCount[])[new("lds", 2)]));
    }

    [Test]
    public void Since_NoReadingBefore_SaysOnlyWhatIsNow()
    {
        var report = Read("pilot_total_xds_rejects 5\npilot_xds 3\n").Since(null, TimeSpan.FromSeconds(10));

        Assert.That(report.SpanMillis, Is.Zero);
        Assert.That(report.HasTrouble, Is.False);
        Assert.That(report.ConnectedProxies, Is.EqualTo(3));
    }

    [TestCase(100, 100, 100, 100)]
    [TestCase(199, 200, 200, 100)]
    [TestCase(101, 199, 200, 1_000)]
    [TestCase(101, 102, 200, 1_000, Description = "beyond the last edge")]
    public void Since_Convergence_IsTheUpperEdgeOfItsBucket(int first, int second, int all, int millis)
    {
        var before = Read(Counters(0, 0, 0, 0, 0, 100, 100, 100));
        var report = Read(Counters(0, 0, 0, 0, 0, first, second, all)).Since(before, TimeSpan.FromSeconds(1));

        Assert.That(report.ConvergenceP99Millis, Is.EqualTo(all == 100 ? null : (long?)millis));
    }

    [TestCase("pilot_total_xds_rejects{type=\"cds\"} 4\n")]
    [TestCase("pilot_total_xds_rejects{type=\"lds\"} 9\n", Description = "a series is gone")]
    [TestCase("process_start_time_seconds 8\npilot_total_xds_rejects{type=\"cds\"} 9\n")]
    public void IsOfAnotherProcess_CounterFellOrStartChanged_IsTrue(string after)
    {
        var before = Read("process_start_time_seconds 7\npilot_total_xds_rejects{type=\"cds\"} 5\n");
        var start = after.StartsWith("process", StringComparison.Ordinal) ? "" : "process_start_time_seconds 7\n";

        Assert.That(Read(start + after).IsOfAnotherProcess(before), Is.True);
    }

    private static UpstreamReading Read(string text)
    {
        Assert.That(
            UpstreamReadingParser.TryRead(Encoding.UTF8.GetBytes(text), out var reading, out var error),
            Is.True,
            error?.ToString());
        return reading!; // Asserted above.
    }

    private static string Counters(
        int rejects, int errors, int inner, int timeouts, int pushes, int first, int second, int all) => $$"""
        # TYPE pilot_total_xds_rejects counter
        pilot_total_xds_rejects{type="cds"} {{rejects}}
        # TYPE pilot_xds_pushes counter
        pilot_xds_pushes{type="cds"} {{pushes}}
        pilot_xds_pushes{type="cds_senderr"} {{errors}}
        pilot_total_xds_internal_errors {{inner}}
        pilot_xds_write_timeout {{timeouts}}
        # TYPE pilot_proxy_convergence_time histogram
        pilot_proxy_convergence_time_bucket{le="0.1"} {{first}}
        pilot_proxy_convergence_time_bucket{le="1"} {{second}}
        pilot_proxy_convergence_time_bucket{le="+Inf"} {{all}}
        pilot_proxy_convergence_time_sum 1
        pilot_proxy_convergence_time_count {{all}}

        """;
}
