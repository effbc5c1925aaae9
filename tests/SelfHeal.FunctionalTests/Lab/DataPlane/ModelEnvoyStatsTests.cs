using Io.Prometheus.Client;
using SelfHeal.Core.Time;
using SelfHeal.Lab.DataPlane;
using SelfHeal.Lab.Processes;
using SelfHeal.Lab.Upstream;
using static SelfHeal.FunctionalTests.Lab.DataPlane.PaymentsResources;

namespace SelfHeal.FunctionalTests.Lab.DataPlane;

[TestFixture]
[CancelAfter(60_000)]
public sealed class ModelEnvoyStatsTests
{
    private FakeAdsServer _server = null!; // Set up before each test.
    private UpstreamServer _upstream = null!; // Set up before each test.
    private ModelEnvoy _model = null!; // Set up before each test.
    private HttpClient _client = null!; // Set up before each test.

    [SetUp]
    public async Task SetUpAsync()
    {
        _upstream = new UpstreamServer("v1", 0, new SeededRandomSource(1), TimeProvider.System);
        await _upstream.StartAsync(CancellationToken.None);
        _server = await FakeAdsServer.StartAsync();
        _server.Set(ClusterType, ("payments-v1", EdsCluster("payments-v1")));
        _server.Set(EndpointType, ("payments-v1", Assignment("payments-v1", _upstream.Address.Port)));
        _server.Set(ListenerType, ("payments-listener", HttpListener(FreePorts.Take(1)[0])));
        _server.Set(RouteType, ("payments-routes", Routes(100, 0)));
        _model = new ModelEnvoy(
            new ModelEnvoyOptions { AdsAddress = _server.Address, FlushInterval = TimeSpan.FromMilliseconds(100) },
            TimeProvider.System);
        _client = new HttpClient();
    }

    [TearDown]
    public async Task TearDownAsync()
    {
        _client.Dispose();
        await _model.DisposeAsync();
        await _server.DisposeAsync();
        await _upstream.DisposeAsync();
    }

    [Test]
    public async Task Flush_AfterRequests_SendsAbsoluteCountersOfTouchedStatsOnly(CancellationToken cancellationToken)
    {
        await StartAsync(cancellationToken);
        for (var i = 0; i < 5; i++)
            using (await _client.GetAsync(_model.Listener, cancellationToken)) { }
        var message = await _server.Metrics.WaitForAsync(
            one => Value(one.EnvoyMetrics, "cluster.payments-v1.upstream_rq_total") == 5);
        var next = await _server.Metrics.WaitForAsync(_ => true, from: _server.Metrics.Items.Count);

        Assert.That(Value(message.EnvoyMetrics, "http.payments.downstream_rq_total"), Is.EqualTo(5));
        Assert.That(Value(next.EnvoyMetrics, "cluster.payments-v1.upstream_rq_2xx"), Is.EqualTo(5));
        Assert.That(Value(message.EnvoyMetrics, "cluster.payments-v1.upstream_rq_5xx"), Is.Null);
        Assert.That(Value(message.EnvoyMetrics, "cluster.payments-v1.membership_total"), Is.EqualTo(1));
        Assert.That(Value(message.EnvoyMetrics, "server.live"), Is.EqualTo(1));
    }

    [Test]
    public async Task Flush_FirstFailure_ComesAsANewSeries(CancellationToken cancellationToken)
    {
        await StartAsync(cancellationToken);
        using (await _client.GetAsync(_model.Listener, cancellationToken)) { }
        _upstream.Faults.Set(FaultPlan.Failing(1000));
        using (await _client.GetAsync(_model.Listener, cancellationToken)) { }
        var message = await _server.Metrics.WaitForAsync(
            one => Value(one.EnvoyMetrics, "cluster.payments-v1.upstream_rq_5xx") == 1);

        Assert.That(Value(message.EnvoyMetrics, "cluster.payments-v1.upstream_rq_500"), Is.EqualTo(1));
        Assert.That(Value(message.EnvoyMetrics, "cluster.payments-v1.upstream_rq_completed"), Is.EqualTo(2));
    }

    [Test]
    public async Task Flush_Shape_IsOneMetricPerFamilyOneTimestampStableOrder(CancellationToken cancellationToken)
    {
        await StartAsync(cancellationToken);
        var message = await _server.Metrics.WaitForAsync(one => one.EnvoyMetrics.Count > 5);
        var families = message.EnvoyMetrics;

        Assert.That(families.Select(family => family.Metric.Count), Has.All.EqualTo(1));
        Assert.That(families.Select(family => family.Metric[0].TimestampMs).Distinct().Count(), Is.EqualTo(1));
        var names = families.Select(family => family.Name).ToList();
        Assert.That(names, Is.EqualTo(names.Order(StringComparer.Ordinal)).And.Unique);
        var types = families.Select(family => family.Type).Distinct();
        Assert.That(types, Is.SubsetOf(new[] { MetricType.Counter, MetricType.Gauge }));
    }

    [Test]
    public async Task Stream_EndedByTheServer_IsReopenedWithTheIdentifier(CancellationToken cancellationToken)
    {
        _server.MetricsPerStream = 2;
        await StartAsync(cancellationToken);
        await Eventually.HoldsAsync(
            () => _server.Metrics.Items.Count(message => message.Identifier is not null) >= 3, "three streams");
        var items = _server.Metrics.Items;

        Assert.That(items[0].Identifier.Node.Id, Is.EqualTo("model-envoy"));
        Assert.That(items[1].Identifier, Is.Null);
    }

    private async Task StartAsync(CancellationToken cancellationToken)
    {
        _model.Start();
        await _model.WaitReadyAsync(TimeSpan.FromSeconds(15), cancellationToken);
    }

    private static double? Value(IEnumerable<MetricFamily> families, string name)
    {
        var family = families.FirstOrDefault(one => string.Equals(one.Name, name, StringComparison.Ordinal));
        var metric = family?.Metric[0];
        return metric?.Counter?.Value ?? metric?.Gauge?.Value;
    }
}
