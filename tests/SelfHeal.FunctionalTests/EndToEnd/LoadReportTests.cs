using System.Globalization;
using System.Text.Json;
using SelfHeal.FunctionalTests.Lab;
using SelfHeal.Lab.Upstream;

namespace SelfHeal.FunctionalTests.EndToEnd;

/// <summary>Load reports (LRS) of a real Envoy.</summary>
[CancelAfter(120_000)]
[Parallelizable(ParallelScope.All)]
internal sealed class LoadReportTests
{
    private static readonly TimeSpan HangsFor = TimeSpan.FromSeconds(4);

    /// <summary>
    /// Requests hang at the canary while it gets nothing new. Envoy goes on reporting them, so the canary is busy until
    /// the last one has its answer, and only then is it drained.
    /// </summary>
    [Test]
    public async Task Drain_RequestsHangAndNoNewOneComes_IsBusyUntilTheyEnd(CancellationToken cancellationToken)
    {
        await using var gateway = await StartAsync(cancellationToken);
        var canary = $"127.0.0.1:{gateway.Ports.Canary}";
        gateway.CanaryUpstream.Faults.Set(FaultPlan.Healthy with { Latency = HangsFor });
        await VerdictAsync(gateway, canary, "busy", static proxy => proxy.GetProperty("in_progress").GetInt64() > 0);

        // The route sends nothing to the canary any more; what is under way stays so for up to four seconds.
        Reweight(gateway, 100, 0);
        await gateway.WeightsAsync(100, 0, cancellationToken);
        var hanging = await VerdictAsync(gateway, canary, "busy", static proxy =>
            proxy.GetProperty("issued").GetInt64() == 0 && proxy.GetProperty("in_progress").GetInt64() > 0);
        var drained = await VerdictAsync(gateway, canary, "drained", static _ => true);

        TestContext.Out.WriteLine($"without new requests: {hanging}\ndrained: {drained}");
        using (Assert.EnterMultipleScope())
        {
            Assert.That(drained.GetProperty("in_progress").GetInt64(), Is.Zero);
            Assert.That(drained.GetProperty("gaps").GetArrayLength(), Is.Zero);
            Assert.That(Proxy(drained).GetProperty("state").GetString(), Is.EqualTo("idle"));
            Assert.That(Proxy(drained).GetProperty("node").GetString(), Is.EqualTo("gateway-1"));
        }
    }

    /// <summary>Locality and endpoint rows say what the load generator does: 200 requests a second, 9 to 1.</summary>
    [Test]
    public async Task Loads_TrafficOverTwoLocalities_AreReportedByLocalityAndEndpoint(
        CancellationToken cancellationToken)
    {
        await using var gateway = await StartAsync(cancellationToken);
        var stable = await RowAsync(gateway, Gateway.Stable, $"127.0.0.1:{gateway.Ports.Stable}", cancellationToken);
        var canary = await RowAsync(gateway, Gateway.Canary, $"127.0.0.1:{gateway.Ports.Canary}", cancellationToken);
        gateway.BreakCanary();
        var share = 0d;
        await Eventually.HoldsAsync(
            async () =>
            {
                using var traffic = await GetAsync(
                    gateway, $"/api/loads/traffic?cluster={Gateway.Canary}", cancellationToken);
                var locality = traffic.RootElement.GetProperty("localities").EnumerateArray().Single();
                share = locality.GetProperty("error_share").GetDouble();
                return share > 0.1;
            },
            "the canary's errors are reported",
            Gateway.Patience);

        TestContext.Out.WriteLine($"{stable}\n{canary}\nerror share of the broken canary: {share}");
        using (Assert.EnterMultipleScope())
        {
            Assert.That(stable.GetProperty("zone").GetString(), Is.EqualTo("a"));
            Assert.That(canary.GetProperty("zone").GetString(), Is.EqualTo("b"));
            Assert.That(stable.GetProperty("requests_per_second").GetDouble(), Is.InRange(90, 270));
            Assert.That(canary.GetProperty("requests_per_second").GetDouble(), Is.InRange(4, 60));
            Assert.That(stable.GetProperty("error_share").GetDouble(), Is.Zero);
            Assert.That(share, Is.LessThan(0.6), "30 % fail");
            Assert.That(stable.GetProperty("age_seconds").GetDouble(), Is.InRange(0, 10));
        }
    }

    /// <summary>An Envoy that is killed is waited for: its requests are not known to have ended.</summary>
    [Test]
    public async Task Drain_EnvoyIsGone_IsNoEvidence(CancellationToken cancellationToken)
    {
        await using var gateway = await StartAsync(cancellationToken, "1h");
        var canary = $"127.0.0.1:{gateway.Ports.Canary}";
        await gateway.Envoy!.KillAsync(cancellationToken); // A real Envoy was started.

        var gone = await VerdictAsync(
            gateway, canary, "no_evidence", static proxy => proxy.GetProperty("state").GetString() == "departed");

        Assert.That(
            gone.GetProperty("gaps").EnumerateArray().Select(static g => g.GetString()),
            Does.Contain("just_started").And.Contain("proxy_unknown"));
    }

    private static Task<Gateway> StartAsync(CancellationToken cancellationToken, string grace = "1s") =>
        Gateway.StartAsync(
            new GatewayOptions
            {
                Prepare = static directory => ResourceEdit.Apply(
                    Path.Combine(directory, "resources", "endpoints.yaml"), PutIntoZones),
                Configuration = $$"""
                    loads: {report_interval: 500ms, departure_grace: {{grace}}}

                    """,
            },
            cancellationToken);

    private static string PutIntoZones(string yaml)
    {
        var parts = yaml.Split("  - lb_endpoints:");
        Assert.That(parts, Has.Length.EqualTo(3), "one locality for each version");
        return $"{parts[0]}{Locality("a")}{parts[1]}{Locality("b")}{parts[2]}";

        static string Locality(string zone) => $"  - locality: {{ region: r, zone: {zone} }}\n    lb_endpoints:";
    }

    private static void Reweight(Gateway gateway, int stable, int canary) => ResourceEdit.Apply(
        Path.Combine(gateway.Resources, "routes.yaml"),
        yaml => yaml
            .Replace("weight: 90", string.Create(CultureInfo.InvariantCulture, $"weight: {stable}"),
                StringComparison.Ordinal)
            .Replace("weight: 10\n", string.Create(CultureInfo.InvariantCulture, $"weight: {canary}\n"),
                StringComparison.Ordinal));

    private static JsonElement Proxy(JsonElement evidence) =>
        evidence.GetProperty("proxies").EnumerateArray().Single();

    private static async Task<JsonElement> VerdictAsync(
        Gateway gateway, string endpoint, string verdict, Func<JsonElement, bool> proxy)
    {
        JsonElement evidence = default;
        await Eventually.HoldsAsync(
            async () =>
            {
                using var answer = await GetAsync(
                    gateway,
                    $"/api/loads/drain?cluster={Gateway.Canary}&endpoint={endpoint}",
                    CancellationToken.None);
                evidence = answer.RootElement.Clone();
                return evidence.GetProperty("verdict").GetString() == verdict
                    && evidence.GetProperty("proxies").EnumerateArray().Any(proxy);
            },
            $"the canary is {verdict}",
            Gateway.Patience);
        return evidence;
    }

    private static async Task<JsonElement> RowAsync(
        Gateway gateway, string cluster, string endpoint, CancellationToken cancellationToken)
    {
        JsonElement row = default;
        await Eventually.HoldsAsync(
            async () =>
            {
                using var loads = await GetAsync(gateway, $"/api/loads?cluster={cluster}", cancellationToken);
                var rows = loads.RootElement.GetProperty("loads").EnumerateArray()
                    .Where(r => r.GetProperty("endpoint").GetString() == endpoint).ToList();
                if (rows.Count != 1)
                    return false;
                row = rows[0].Clone();
                return row.GetProperty("requests_per_second").GetDouble() > 0;
            },
            $"{endpoint} is reported",
            Gateway.Patience);
        return row;
    }

    private static async Task<JsonDocument> GetAsync(
        Gateway gateway, string path, CancellationToken cancellationToken) =>
        JsonDocument.Parse(await gateway.Admin.GetAsync(path, cancellationToken));
}
