using Microsoft.AspNetCore.Http;
using SelfHeal.Core.Control;
using SelfHeal.Core.Series;
using SelfHeal.Core.Upstream;
using SelfHeal.Sidecar.Config;
using SelfHeal.Sidecar.Judgement;
using SelfHeal.Sidecar.Metrics;
using SelfHeal.Sidecar.Upstream;
using SelfHeal.UnitTests.Time;

namespace SelfHeal.UnitTests.Sidecar.Upstream;

[TestFixture]
public sealed class UpstreamMetricsServiceTests
{
    private const int Read = 7301;
    private const int Failed = 7302;

    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(10);

    private readonly List<UpstreamReport> _reports = [];
    private SimulatedTimeProvider _time = new();
    private LogRecorder _logs = new();
    private TestMeters _meters = new();
    private ControlInbox _inbox = null!; // Set before each test.
    private StubMetrics _upstream = null!; // Set before each test.
    private UpstreamMetricsService _service = null!; // Set before each test.

    [SetUp]
    public async Task StartUpstreamAsync()
    {
        _reports.Clear();
        _time = new SimulatedTimeProvider();
        _logs = new LogRecorder();
        _meters = new TestMeters();
        _inbox = new ControlInbox(new FlushBatchPool(), _meters);
        _upstream = await StubMetrics.StartAsync();
        _service = new UpstreamMetricsService(
            _time,
            new UpstreamMetricsOptions { Address = _upstream.Address, Interval = Interval },
            _inbox,
            _meters,
            _logs.Create<UpstreamMetricsService>());
    }

    [TearDown]
    public async Task StopAsync()
    {
        await _service.StopAsync(CancellationToken.None);
        _service.Dispose();
        await _upstream.DisposeAsync();
        _meters.Dispose();
        Assert.That(_logs.Errors, Is.Empty);
    }

    [Test]
    public async Task Start_ReadsAtOnceAndThenAtEveryInterval_PostsDifferences()
    {
        _upstream.Say("pilot_total_xds_rejects{type=\"cds\"} 5\npilot_xds 2\n");
        var first = await StartAsync();
        _upstream.Say("pilot_total_xds_rejects{type=\"cds\"} 7\npilot_xds 3\n");
        var second = await NextAsync();

        Assert.That(first.HasTrouble, Is.False, "what was before us is no difference");
        Assert.That(second.Rejects, Is.EqualTo((RejectCount[])[new("cds", 2)]));
        Assert.That(second.SpanMillis, Is.EqualTo((long)Interval.TotalMilliseconds));
        Assert.That((first.ConnectedProxies, second.ConnectedProxies), Is.EqualTo((2L, 3L)));
        Assert.That(_upstream.Accept, Is.EqualTo("text/plain; version=0.0.4"));
        Assert.That(_logs.Count(Read), Is.EqualTo(1));
        Assert.That(_meters.Sum("selfheal.upstream.metrics_reads"), Is.EqualTo(2));
    }

    [Test]
    public async Task Read_CounterFell_StartsAnew()
    {
        _upstream.Say("pilot_total_xds_rejects{type=\"cds\"} 5\n");
        await StartAsync();
        _upstream.Say("pilot_total_xds_rejects{type=\"cds\"} 3\n");
        var fallen = await NextAsync();
        _upstream.Say("pilot_total_xds_rejects{type=\"cds\"} 4\n");
        var after = await NextAsync();

        Assert.That(fallen.HasTrouble, Is.False);
        Assert.That(fallen.SpanMillis, Is.Zero);
        Assert.That(after.Rejects, Is.EqualTo((RejectCount[])[new("cds", 1)]));
        Assert.That(_meters.Sum("selfheal.upstream.metrics_restarts"), Is.EqualTo(1));
    }

    [Test]
    public async Task Read_BadText_IsToldOncePerChangeAndReadingGoesOn()
    {
        _upstream.Say("pilot_xds one\n");
        var first = await StartAsync();
        await NextAsync();
        _upstream.Say("\npilot_xds one\n");
        await NextAsync();
        _upstream.Say("pilot_xds\n{}");
        await NextAsync();
        _upstream.Say("up{} 1 x\n");
        await NextAsync();
        _upstream.Say("pilot_xds 1\n");
        var last = await NextAsync();

        Assert.That(first.Answer, Is.EqualTo(UpstreamAnswer.Unreadable));
        Assert.That(last.Answer, Is.EqualTo(UpstreamAnswer.Read));
        Assert.That(_logs.Texts(Failed), Is.EqualTo((string[])
        [
            $"The upstream's metrics at {_upstream.Address} could not be read: "
            + "line 1: expected a number, NaN, +Inf or -Inf as the value",
            $"The upstream's metrics at {_upstream.Address} could not be read: "
            + "line 1: expected a time in milliseconds or the end of the line",
        ]));
        Assert.That(_logs.Count(Read), Is.EqualTo(1));
        Assert.That(_meters.Sum("selfheal.upstream.metrics_failures"), Is.EqualTo(5));
    }

    [TestCase(404, "text/plain", "expected status 200, not 404")]
    [TestCase(302, "text/plain", "expected status 200, not 302")]
    [TestCase(200, "text/html", "expected text/plain of version 0.0.4, not text/html")]
    [TestCase(200, "application/openmetrics-text; version=1.0.0",
        "expected text/plain of version 0.0.4, not application/openmetrics-text; version=1.0.0")]
    [TestCase(200, "text/plain; version=1.0.0",
        "expected text/plain of version 0.0.4, not text/plain; version=1.0.0")]
    public async Task Read_AnotherAnswer_SaysWhatWasExpected(int status, string type, string expected)
    {
        _upstream.Answer = context =>
        {
            context.Response.StatusCode = status;
            context.Response.ContentType = type;
            context.Response.Headers.Location = "/elsewhere";
            return context.Response.WriteAsync("pilot_xds 1\n");
        };

        var report = await StartAsync();

        Assert.That(report.Answer, Is.EqualTo(UpstreamAnswer.Unreadable));
        Assert.That(_logs.Texts(Failed).Single(), Does.EndWith($"could not be read: {expected}"));
        Assert.That(_upstream.Asked, Is.EqualTo(1), "no redirect is followed");
    }

    [Test]
    public async Task Read_MoreThanTheLimit_IsNotReadAnyFurther()
    {
        var megabyte = new string('#', 1024 * 1024);
        _upstream.Answer = async context =>
        {
            context.Response.ContentType = "text/plain";
            while (!context.RequestAborted.IsCancellationRequested)
                await context.Response.WriteAsync(megabyte, context.RequestAborted);
        };

        var report = await StartAsync();

        Assert.That(report.Answer, Is.EqualTo(UpstreamAnswer.Unreadable));
        Assert.That(_logs.Texts(Failed).Single(), Does.EndWith("expected at most 16777216 bytes"));
    }

    [Test]
    public async Task Read_NoAnswerWithinTheInterval_IsUnreachableAndAskedAgain()
    {
        _upstream.Answer = static context => Task.Delay(Timeout.Infinite, context.RequestAborted);
        await _service.StartAsync(CancellationToken.None);
        await Eventually.HoldsAsync(() => _upstream.Asked == 1, "the first request came");
        _time.Advance(Interval);
        var first = await TakeAsync(1);
        await Eventually.HoldsAsync(() => _upstream.Asked == 2, "the second request came");
        _upstream.Say("pilot_xds 1\n");
        _time.Advance(Interval);
        var third = await TakeAsync(3);

        Assert.That(first.Answer, Is.EqualTo(UpstreamAnswer.Unreachable));
        Assert.That(third.Answer, Is.EqualTo(UpstreamAnswer.Read));
        Assert.That(_logs.Texts(Failed).Single(), Does.EndWith("could not be read: no answer within 10 s"));
    }

    [Test]
    public async Task Read_UpstreamIsAwayForATime_CountsWhatHappenedMeanwhile()
    {
        _upstream.Say("pilot_xds_write_timeout 1\n");
        await StartAsync();
        _upstream.Answer = static context =>
        {
            context.Abort();
            return Task.CompletedTask;
        };
        var away = await NextAsync();
        _upstream.Say("pilot_xds_write_timeout 4\n");
        var back = await NextAsync();

        Assert.That(away.Answer, Is.EqualTo(UpstreamAnswer.Unreachable));
        Assert.That((back.Timeouts, back.SpanMillis), Is.EqualTo((3L, 20_000L)));
    }

    [Test]
    public async Task Age_OfTheLastReading_IsShownOnceThereIsOne()
    {
        using var registry = new MetricsRegistry(_meters);
        using var service = new UpstreamMetricsService(
            _time,
            new UpstreamMetricsOptions { Address = _upstream.Address, Interval = Interval },
            _inbox,
            _meters,
            _logs.Create<UpstreamMetricsService>());
        Assert.That(Scrape(registry), Does.Not.Contain("selfheal_upstream_metrics_age_seconds "));
        _upstream.Say("pilot_xds 1\n");
        await service.StartAsync(CancellationToken.None);
        await TakeAsync(1);
        _time.Advance(TimeSpan.FromSeconds(4));

        var text = Scrape(registry);

        Assert.That(text, Does.Contain("selfheal_upstream_metrics_age_seconds 4\n"));
        Assert.That(text, Does.Contain("selfheal_upstream_metrics_reads_total 1\n"));
        await service.StopAsync(CancellationToken.None);
    }

    private static string Scrape(MetricsRegistry registry)
    {
        var text = new System.Buffers.ArrayBufferWriter<byte>();
        registry.Write(text);
        return System.Text.Encoding.UTF8.GetString(text.WrittenSpan);
    }

    private async Task<UpstreamReport> StartAsync()
    {
        await _service.StartAsync(CancellationToken.None);
        return await TakeAsync(1);
    }

    private Task<UpstreamReport> NextAsync()
    {
        _time.Advance(Interval);
        return TakeAsync(_reports.Count + 1);
    }

    /// <summary>Waits for one report more than before; what is told of a reading is told by then, too.</summary>
    private async Task<UpstreamReport> TakeAsync(int count)
    {
        await Eventually.HoldsAsync(
            () =>
            {
                var taken = new List<ControlEvent>();
                _inbox.Drain(taken);
                _reports.AddRange(taken.Cast<ControlEvent.UpstreamReported>().Select(static r => r.Report));
                return _reports.Count >= count;
            },
            $"{count} reports");
        return _reports[count - 1];
    }
}
