using System.Text.Json;
using SelfHeal.Core.Loads;
using SelfHeal.Core.Remediation;
using SelfHeal.FunctionalTests.Lab;
using SelfHeal.Sidecar.Overlays;

namespace SelfHeal.FunctionalTests.EndToEnd;

/// <summary>
/// Each carrier's overlay on a real Envoy: it takes effect as Envoy's own admin interface sees it, and after its
/// withdrawal Envoy holds exactly what it held before.
/// </summary>
[TestFixture(false)]
[TestFixture(true)]
[CancelAfter(120_000)]
internal sealed class OverlayTests(bool delta)
{
    private const string Owner = "overlay-tests";

    private OverlayGateway _gateway = null!; // Set before the tests.
    private string _before = ""; // Set before each test.

    [OneTimeSetUp]
    public async Task StartAsync()
    {
        using var patience = new CancellationTokenSource(TestTimeouts.Default * 2);
        _gateway = await OverlayGateway.StartAsync(delta, patience.Token);
    }

    [OneTimeTearDown]
    public async Task StopAsync()
    {
        if (_gateway is not null)
            await _gateway.DisposeAsync();
    }

    [SetUp]
    public async Task RememberAsync() => _before = await _gateway.StateAsync(CancellationToken.None).DefaultTimeout();

    /// <summary>Whatever a test laid, it is gone: every resource and every runtime key is what it was.</summary>
    [TearDown]
    public async Task EverythingIsAsBeforeAsync()
    {
        foreach (var entry in _gateway.Overlays.Entries)
        {
            var answer = await _gateway.Overlays
                .WithdrawAsync(entry.Overlay.Id, Owner, "the test is over", CancellationToken.None).DefaultTimeout();
            Assert.That(answer, Is.EqualTo(new OverlayAnswer(OverlayState.Withdrawn, "")));
        }

        var after = "";
        try
        {
            await Eventually.HoldsAsync(
                async () => (after = await _gateway.StateAsync(CancellationToken.None)) == _before,
                "Envoy holds what it held",
                Gateway.Patience);
        }
        catch (TimeoutException)
        {
            Assert.That(after, Is.EqualTo(_before));
        }

        Assert.That(_gateway.Errors, Is.Empty);
    }

    [Test]
    public async Task EndpointWeights_Laid_AreEnvoysAndMoveTraffic(CancellationToken cancellationToken)
    {
        await LayAsync(new Overlay.EndpointWeights("app", [new EndpointWeight(_gateway.AddressOf("a1"), 9)])
        {
            Id = "o1",
            Owner = Owner,
            Reason = "test",
            IncidentId = "case",
            ExpiresAt = Expiry,
        });

        await LineAsync($"app::{_gateway.AddressOf("a1")}::weight", "9", cancellationToken);
        await LineAsync($"app::{_gateway.AddressOf("a2")}::weight", "1", cancellationToken);
        var answers = await _gateway.AnswersAsync(200, cancellationToken);
        Assert.That(answers["a1"], Is.GreaterThan(4 * answers["a2"]), "nine to one within the locality");
    }

    [Test]
    public async Task EndpointHealth_Unhealthy_TakesItOut(CancellationToken cancellationToken)
    {
        await LayAsync(new Overlay.EndpointHealth(
            "app", [new EndpointStatus(_gateway.AddressOf("a2"), EndpointHealthStatus.Unhealthy)])
        {
            Id = "o1",
            Owner = Owner,
            Reason = "test",
            IncidentId = "case",
            ExpiresAt = Expiry,
        });

        await LineAsync($"app::{_gateway.AddressOf("a2")}::health_flags", "/failed_eds_health", cancellationToken);
        Assert.That((await _gateway.AnswersAsync(50, cancellationToken))["a2"], Is.Zero);
    }

    [Test]
    public async Task LocalityWeights_Laid_MoveTraffic(CancellationToken cancellationToken)
    {
        await LayAsync(new Overlay.LocalityWeights(
            "app", [new LocalityWeight(Locality("a"), 98), new LocalityWeight(Locality("b"), 2)])
        {
            Id = "o1",
            Owner = Owner,
            Reason = "test",
            IncidentId = "case",
            ExpiresAt = Expiry,
        });

        await Eventually.HoldsAsync(
            async () => (await _gateway.AnswersAsync(100, cancellationToken))["b1"] <= 4,
            "one locality has nearly all traffic",
            Gateway.Patience);
    }

    [Test]
    public async Task LocalityPriorities_Laid_AreEnvoys(CancellationToken cancellationToken)
    {
        await LayAsync(new Overlay.LocalityPriorities("app", [new LocalityPriority(Locality("b"), 1)])
        {
            Id = "o1",
            Owner = Owner,
            Reason = "test",
            IncidentId = "case",
            ExpiresAt = Expiry,
        });

        await LineAsync($"app::{_gateway.AddressOf("b1")}::priority", "1", cancellationToken);
        await LineAsync($"app::{_gateway.AddressOf("a1")}::priority", "0", cancellationToken);
        Assert.That((await _gateway.AnswersAsync(50, cancellationToken))["b1"], Is.Zero);
    }

    [Test]
    public async Task WeightedClusters_Laid_AreEnvoys(CancellationToken cancellationToken)
    {
        await LayAsync(new Overlay.WeightedClusters(
            "routes", "all", "split", [new ClusterWeight("app", 0), new ClusterWeight("other", 100)])
        {
            Id = "o1",
            Owner = Owner,
            Reason = "test",
            IncidentId = "case",
            ExpiresAt = Expiry,
        });

        await HoldsAsync(
            "weighted_clusters",
            static route => route.GetProperty("weighted_clusters").GetProperty("clusters")[1].GetProperty("weight")
                .GetUInt32() == 100,
            cancellationToken);
    }

    [Test]
    public async Task RetryPolicy_Lowered_IsEnvoysAndNeverRaised(CancellationToken cancellationToken)
    {
        await LayAsync(Retries(1));
        await HoldsAsync(
            "retry_policy",
            static route => route.GetProperty("retry_policy") is var policy
                && policy.GetProperty("num_retries").GetUInt32() == 1
                && policy.GetProperty("retry_on").GetString() == "reset",
            cancellationToken);

        var raised = await _gateway.Overlays
            .LayAsync(Retries(4) with { Id = "o2" }, cancellationToken).DefaultTimeout();

        Assert.That(raised.State, Is.EqualTo(OverlayState.Refused));
        Assert.That(raised.Problem, Does.Contain("RouteConfiguration 'routes': retries may only go down: 4"));
        Assert.That(_gateway.Overlays.Entries.Select(static e => e.Overlay.Id), Is.EqualTo(new[] { "o1" }));

        static Overlay Retries(uint number) => new Overlay.RetryPolicy(
            "routes", "all", "direct", new RetryLimits { Retries = number, Conditions = ["reset"] })
        {
            Id = "o1",
            Owner = Owner,
            Reason = "test",
            IncidentId = "case",
            ExpiresAt = Expiry,
        };
    }

    [Test]
    public async Task RuntimeBreakers_Laid_AreEnvoysWithoutWarming(CancellationToken cancellationToken)
    {
        var updates = await StatAsync("cluster_manager.cluster_modified", cancellationToken);
        await LayAsync(new Overlay.RuntimeBreakers(
            "overlays", "app", BreakerPriority.Default, new BreakerSettings { MaxRequests = 7, MaxRetries = 1 })
        {
            Id = "o1",
            Owner = Owner,
            Reason = "test",
            IncidentId = "case",
            ExpiresAt = Expiry,
        });

        await LineAsync("app::default_priority::max_requests", "7", cancellationToken);
        await LineAsync("app::default_priority::max_retries", "1", cancellationToken);
        using var runtime = JsonDocument.Parse(await _gateway.AdminAsync("/runtime", cancellationToken));
        Assert.That(
            runtime.RootElement.GetProperty("entries").GetProperty("circuit_breakers.app.default.max_requests")
                .GetProperty("final_value").GetString(),
            Is.EqualTo("7"));
        Assert.That(await StatAsync("cluster_manager.cluster_modified", cancellationToken), Is.EqualTo(updates));

        await WithdrawAsync("o1");
        await LineAsync("app::default_priority::max_requests", "1024", cancellationToken);
    }

    [Test]
    public async Task OutlierDetectionAndBreakers_Laid_WarmWithTheirEndpoints(CancellationToken cancellationToken)
    {
        await LayAsync(new Overlay.OutlierDetection("app", new OutlierSettings { Consecutive5xx = 2 })
        {
            Id = "o1",
            Owner = Owner,
            Reason = "test",
            IncidentId = "case",
            ExpiresAt = Expiry,
        });
        await LayAsync(new Overlay.CircuitBreakers(
            "app", BreakerPriority.Default, new BreakerSettings { MaxRequests = 77, MaxPendingRequests = 78 })
        {
            Id = "o2",
            Owner = Owner,
            Reason = "test",
            IncidentId = "case",
            ExpiresAt = Expiry,
        });

        await HoldsAsync(
            "outlier_detection",
            static cluster => cluster.GetProperty("name").GetString() == "app"
                && cluster.GetProperty("outlier_detection").GetProperty("consecutive_5xx").GetUInt32() == 2
                && cluster.TryGetProperty("circuit_breakers", out _),
            cancellationToken);
        await LineAsync("app::default_priority::max_requests", "77", cancellationToken);
        await LineAsync("app::default_priority::max_pending_requests", "78", cancellationToken);
        await LineAsync($"app::{_gateway.AddressOf("a1")}::priority", "0", cancellationToken);
        await WarmAsync(cancellationToken);
        Assert.That((await _gateway.AnswersAsync(20, cancellationToken)).Values.Sum(), Is.EqualTo(20));

        // Withdrawing them warms the cluster once more.
        await WithdrawAsync("o1");
        await LineAsync("app::default_priority::max_requests", "77", cancellationToken);
        await WithdrawAsync("o2");
        await LineAsync("app::default_priority::max_requests", "1024", cancellationToken);
        await WarmAsync(cancellationToken);
        Assert.That((await _gateway.AnswersAsync(20, cancellationToken)).Values.Sum(), Is.EqualTo(20));
    }

    [Test]
    public async Task Expiry_Passed_EnvoyIsBackWithoutAnybodysWord(CancellationToken cancellationToken)
    {
        await LayAsync(new Overlay.EndpointWeights("app", [new EndpointWeight(_gateway.AddressOf("b1"), 3)])
        {
            Id = "o1",
            Owner = Owner,
            Reason = "test",
            IncidentId = "case",
            ExpiresAt = TimeProvider.System.GetUtcNow() + TimeSpan.FromSeconds(2),
        });
        await LineAsync($"app::{_gateway.AddressOf("b1")}::weight", "3", cancellationToken);

        await LineAsync($"app::{_gateway.AddressOf("b1")}::weight", "1", cancellationToken);

        Assert.That(_gateway.Overlays.Entries, Is.Empty);
    }

    private static DateTimeOffset Expiry => TimeProvider.System.GetUtcNow() + TimeSpan.FromHours(1);

    private static LocalityName Locality(string zone) => new("eu", zone, "");

    private async Task LayAsync(Overlay overlay)
    {
        var answer = await _gateway.Overlays.LayAsync(overlay, CancellationToken.None).DefaultTimeout();
        Assert.That(answer, Is.EqualTo(new OverlayAnswer(OverlayState.Laid, "")));
    }

    private async Task WithdrawAsync(string id)
    {
        var answer = await _gateway.Overlays.WithdrawAsync(id, Owner, "test", CancellationToken.None).DefaultTimeout();
        Assert.That(answer, Is.EqualTo(new OverlayAnswer(OverlayState.Withdrawn, "")));
    }

    private Task LineAsync(string name, string value, CancellationToken cancellationToken) => Eventually.HoldsAsync(
        async () => await _gateway.ClusterLineAsync(name, cancellationToken) == value,
        $"/clusters says {name}::{value}",
        Gateway.Patience);

    private Task HoldsAsync(string property, Predicate<JsonElement> holds, CancellationToken cancellationToken) =>
        Eventually.HoldsAsync(
            async () => (await _gateway.FindAsync(property, cancellationToken)).Exists(holds),
            $"/config_dump has the {property} of the overlay",
            Gateway.Patience);

    private Task WarmAsync(CancellationToken cancellationToken) => Eventually.HoldsAsync(
        async () => await StatAsync("cluster_manager.warming_clusters", cancellationToken) == 0,
        "no cluster is warming",
        Gateway.Patience);

    private async Task<long> StatAsync(string name, CancellationToken cancellationToken)
    {
        var text = await _gateway.AdminAsync($"/stats?filter=^{name}$", cancellationToken);
        return long.Parse(text[(text.LastIndexOf(' ') + 1)..], System.Globalization.CultureInfo.InvariantCulture);
    }
}
