using System.Globalization;

namespace SelfHeal.FunctionalTests.EndToEnd;

/// <summary>
/// The proxy rejects the route that carries our change: the route's own content is back within a second, the record
/// says why, a human is asked, and traffic goes on.
/// </summary>
[CancelAfter(120_000)]
[Parallelizable(ParallelScope.All)]
internal sealed class RouteRejectionTests
{
    private const int Accepted = 2101;
    private const int Rejected = 2102;
    private const string Routes = "envoy.config.route.v3.RouteConfiguration";

    /// <summary>
    /// A route with a regular expression, which Envoy compiles again with every new version of its configuration.
    /// </summary>
    private const string RegexRoute = """
            - name: reports
              match: { safe_regex: { regex: "/reports/[a-z]+/all" } }
              route: { cluster: payments-v1 }

        """;

    /// <summary>
    /// Envoy's limit on the size of regular expressions is lowered at run time: it keeps the route that it holds, and
    /// rejects any other version of it. That is more than a validator could know.
    /// </summary>
    [Test]
    public async Task Push_RealEnvoyRejects_PristineRouteIsBackWithinASecond(CancellationToken cancellationToken)
    {
        await using var gateway = await Gateway.StartAsync(
            new GatewayOptions { Prepare = AddRegexRoute }, cancellationToken);
        await LowerRegexLimitAsync(gateway, cancellationToken);

        await RejectAsync(gateway, "gateway-1", "max program size", cancellationToken);

        using (Assert.EnterMultipleScope())
        {
            var envoy = gateway.Envoy!; // Asked for above.
            Assert.That(await EnvoyRoutes.StatAsync(envoy, "update_rejected", cancellationToken), Is.EqualTo(1));
            var weights = await EnvoyRoutes.WeightsAsync(envoy, cancellationToken);
            Assert.That(weights[Gateway.Stable], Is.EqualTo(90));
            Assert.That(weights[Gateway.Canary], Is.EqualTo(10));
        }
    }

    /// <summary>The same loop with the model, which rejects every route without weight for the canary.</summary>
    [Test]
    public async Task Push_ModelRejects_PristineRouteIsBackWithinASecond(CancellationToken cancellationToken)
    {
        await using var gateway = await Gateway.StartAsync(new GatewayOptions { Model = true }, cancellationToken);
        gateway.Model!.Faults.RejectRoutes = static routes => routes.VirtualHosts
            .SelectMany(static host => host.Routes)
            .Any(static route => route.Route_.WeightedClusters.Clusters.Any(static c => c.Weight == 0));

        await RejectAsync(gateway, "model-envoy", "", cancellationToken);
    }

    private static async Task RejectAsync(
        Gateway gateway, string node, string words, CancellationToken cancellationToken)
    {
        var before = await RouteProbe.ReadAsync(gateway.Ports.Xds, cancellationToken);
        var digest = await gateway.DataPlane.RouteDigestAsync(Gateway.Routes, cancellationToken);
        gateway.BreakCanary();
        var timeline = await gateway.Admin.EventAsync("handed_over", cancellationToken);
        await gateway.Admin.SyncedAsync(node, cancellationToken);

        // Two more flushes: what was rejected is not tried again.
        await gateway.Admin.FlushesAsync(2, cancellationToken);
        var entries = await gateway.Admin.EntriesAsync(cancellationToken);
        var after = await RouteProbe.ReadAsync(gateway.Ports.Xds, cancellationToken);
        var rejected = gateway.Serve.Logged(Rejected).Single();
        var accepted = gateway.Serve.Logged(Accepted)
            .First(entry => entry.At > rejected.At && entry.Text.Contains(Routes, StringComparison.Ordinal));
        var took = accepted.At - rejected.At;
        TestContext.Out.WriteLine($"NACK to pristine ACK: {took.TotalMilliseconds:0.0} ms; {rejected.Text}");
        var events = timeline.Select(static entry => entry.Event).ToList();
        using (Assert.EnterMultipleScope())
        {
            Assert.That(took, Is.LessThan(TimeSpan.FromSeconds(1)));
            Assert.That(rejected.Text, Does.Contain(words));
            Assert.That(events, Is.SupersetOf((string[])["declared", "appended", "pushed", "handed_over"]));
            Assert.That(events, Does.Not.Contain("acked"));
            Assert.That(
                entries.Select(static entry => entry.GetProperty("type").GetString()),
                Is.EqualTo((string[])["decision", "rejected"]).IgnoreCase);
            var rejection = entries[1].GetProperty("execution").GetProperty("rejection");
            Assert.That(rejection.GetProperty("node").GetString(), Is.EqualTo(node));
            Assert.That(rejected.Text, Does.Contain(rejection.GetProperty("reason").GetString()!));
            Assert.That(after.Bytes, Is.EqualTo(before.Bytes), "what is served");
            Assert.That(
                await gateway.DataPlane.RouteDigestAsync(Gateway.Routes, cancellationToken), Is.EqualTo(digest));
            Assert.That(
                await gateway.Admin.MetricAsync("selfheal_xds_nacks_total", cancellationToken, Routes),
                Is.EqualTo(1));
            Assert.That(await gateway.Admin.MetricAsync("selfheal_pages_total", cancellationToken), Is.EqualTo(1));
            gateway.AssertOnlyCanaryFailed();
        }
    }

    private static void AddRegexRoute(string directory)
    {
        var file = Path.Combine(directory, "resources", "routes.yaml");
        var text = File.ReadAllText(file);
        var place = text.IndexOf("    - name: payments\n", StringComparison.Ordinal);
        Assert.That(place, Is.Positive, "the sample has its route");
        File.WriteAllText(file, text.Insert(place, RegexRoute));
        var bootstrap = Path.Combine(directory, "bootstrap-ads.yaml");
        File.AppendAllText(bootstrap, "\nlayered_runtime: { layers: [ { name: admin, admin_layer: {} } ] }\n");
    }

    private static async Task LowerRegexLimitAsync(Gateway gateway, CancellationToken cancellationToken)
    {
        using var client = new HttpClient(new SocketsHttpHandler { UseProxy = false });
        var address = string.Create(
            CultureInfo.InvariantCulture,
            $"http://127.0.0.1:{gateway.Ports.EnvoyAdmin}/runtime_modify?re2.max_program_size.error_level=1");
        using var response = await client.PostAsync(new Uri(address), content: null, cancellationToken);
        response.EnsureSuccessStatusCode();
    }
}
