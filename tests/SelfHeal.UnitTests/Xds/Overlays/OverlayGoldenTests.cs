using SelfHeal.Core.Remediation;
using SelfHeal.Xds.Overlays;
using SelfHeal.Xds.Resources;
using static SelfHeal.UnitTests.Xds.Overlays.TestOverlays;
using static SelfHeal.UnitTests.Xds.TestResources;

namespace SelfHeal.UnitTests.Xds.Overlays;

/// <summary>One file in, one out, and the overlay between them, for each carrier.</summary>
internal sealed class OverlayGoldenTests
{
    private static IEnumerable<TestCaseData> Cases()
    {
        yield return Case("unnamed-route", Weights(
            "o1", "payments-routes", "payments", "#1", ("payments-v1", 100), ("payments-v2", 0)));
        yield return Case("named-route", Weights(
            "o1", "payments-routes", "payments", "checkout", ("payments-v1", 100), ("payments-v2", 0)));
        yield return Case("retry-route", Retry("o1", "payments-routes", "payments", "checkout", new RetryLimits
        {
            Retries = 1,
            Conditions = ["connect-failure", "retriable-status-codes"],
            StatusCodes = [429],
            PerTryTimeout = TimeSpan.FromMilliseconds(500),
            PerTryIdleTimeout = TimeSpan.FromMilliseconds(250),
        }));
        yield return Case("retry-host", Retry(
            "o1", "payments-routes", "payments", null, new RetryLimits { Retries = 0, Conditions = [] }));
        yield return Case("endpoint-weights", EndpointWeights(
            "o1", "payments", ("10.0.0.1:80", 1), ("[::1]:80", 7), ("unix:/run/payments.sock", 2)));
        yield return Case("endpoint-health", EndpointHealth(
            "o1",
            "payments",
            ("10.0.0.1:80", EndpointHealthStatus.Draining),
            ("10.0.0.2:80", EndpointHealthStatus.Healthy)));
        yield return Case("locality-weights", LocalityWeights(
            "o1",
            "payments",
            new LocalityWeight(Locality("eu", "a"), 1),
            new LocalityWeight(Locality("us", "a"), 3, Within: 1)));
        yield return Case("locality-priorities", LocalityPriorities(
            "o1",
            "payments",
            new LocalityPriority(Locality("us", "a"), 0),
            new LocalityPriority(Locality("eu", "b"), 1)));
        yield return Case("runtime-merged", Runtime("o1", "rtds", "payments", new BreakerSettings
        {
            MaxConnections = 8,
            MaxRequests = 16,
        }));
        yield return Case("runtime-new", Runtime(
            "o1", "rtds", "payments", new BreakerSettings { MaxRequests = 0, MaxRetries = 1 }, BreakerPriority.High));
        yield return Case("outlier-detection", Outliers("o1", "payments", new OutlierSettings
        {
            Consecutive5xx = 2,
            MaxEjectionPercent = 50,
            BaseEjectionTime = TimeSpan.FromSeconds(5),
        }));
        yield return Case("outlier-new", Outliers("o1", "payments", new OutlierSettings { Consecutive5xx = 3 }));
        yield return Case("circuit-breakers", Breakers("o1", "payments", new BreakerSettings
        {
            MaxConnections = 10,
            MaxPendingRequests = 20,
            MaxRequests = 30,
        }));
        yield return Case("circuit-breakers-high", Breakers(
            "o1", "payments", new BreakerSettings { MaxRetries = 1, MaxConnectionPools = 4 }, BreakerPriority.High));

        static TestCaseData Case(string name, Overlay overlay) =>
            new TestCaseData(name, overlay).SetArgDisplayNames(name);
    }

    [TestCaseSource(nameof(Cases))]
    public void Apply_Golden_ChangesWhatTheOverlayNamesAndNothingElse(string name, Overlay overlay)
    {
        var folder = Path.Combine(TestContext.CurrentContext.TestDirectory, "Golden", "Overlay");
        var text = File.ReadAllText(Path.Combine(folder, $"{name}.in.yaml"));
        var parsed = ResourceFileParser.Parse([new ResourceFile(name, text)]);
        Assert.That(parsed.Errors, Is.Empty);

        // What overlays ask the rest of the configuration for: the clusters.
        var resources = parsed.Resources.Where(r => r.Name == overlay.Resource
            && r.TypeUrl == OverlayTranslator.TypeOf(overlay.Carrier));
        XdsResource[] others =
        [
            .. new[] { "payments", "payments-v1", "payments-v2" }
                .SelectMany(static cluster => new[] { Cluster(cluster), Endpoints(cluster) })
                .Where(r => !resources.Any(own => own.Name == r.Name && own.TypeUrl == r.TypeUrl)),
        ];
        var intended = Snapshot([.. resources, .. others]);

        var result = OverlayTranslator.Apply(
            intended, OverlayTranslator.TypeOf(overlay.Carrier), overlay.Resource, [overlay]);

        Assert.That(result.Errors, Is.Empty);
        Assert.That(result.Laid, Is.EqualTo(new[] { overlay }));
        GoldenFile.Check($"Overlay/{name}.overlay.txt", OverlayText.Describe(overlay) + "\n");
        GoldenFile.Check($"Overlay/{name}.out.yaml", ResourceJson.Format(result.Resource!) ?? ""); // Laid on something.
    }
}
