using System.Text;
using System.Text.Json;
using Envoy.Config.Core.V3;
using Envoy.Config.Route.V3;
using Envoy.Extensions.TransportSockets.Tls.V3;
using Envoy.Service.Discovery.V3;
using Envoy.Service.Status.V3;
using Envoy.Type.Matcher.V3;
using SelfHeal.FunctionalTests.Lab;
using SelfHeal.Grpc;
using SelfHeal.Sidecar.Commands;
using SelfHeal.Sidecar.Config;
using SelfHeal.Xds.Resources;

namespace SelfHeal.FunctionalTests.Sidecar.Xds;

/// <summary>What is told of proxies: CSDS, the admin API, the command, metrics; and never a secret.</summary>
[CancelAfter(60_000)]
internal sealed class ProxyStatusTests
{
    private const string Aggregated =
        "envoy.service.discovery.v3.AggregatedDiscoveryService/StreamAggregatedResources";

    private const string Csds = "envoy.service.status.v3.ClientStatusDiscoveryService";
    private const string NodeId = "edge/1";
    private const string Hush = "c2VjcmV0LWJ5dGVz-hush-hush";

    private RunningSidecar _sidecar = null!; // Set before each test.
    private GrpcChannel _channel = null!; // Set before each test.

    [SetUp]
    public async Task StartAsync()
    {
        _sidecar = await RunningSidecar.StartAsync(static resources => new XdsOptions
        {
            Listen = RunningSidecar.Loopback,
            RestListen = RunningSidecar.Loopback,
            Resources = resources,
        });
        _channel = _sidecar.Connect();
    }

    [TearDown]
    public async Task StopAsync()
    {
        _channel.Dispose();
        await _sidecar.DisposeAsync();
    }

    [Test]
    public async Task Csds94_SentAckedRejected_IsStaleSyncedError()
    {
        _sidecar.Publish(Route("r1", "one"), Route("r2", "one"));
        using var call = await AskAsync(TypeUrl.RouteConfiguration, "r1", "r2", "ghost");
        var first = await NextAsync(call);
        await StatusAsync("r1", ConfigStatus.Stale);

        await AnswerAsync(call, first, error: null, "r1", "r2", "ghost");
        var synced = await StatusAsync("r1", ConfigStatus.Synced);
        Assert.That(synced.XdsConfig.Unpack<RouteConfiguration>().VirtualHosts[0].Name, Is.EqualTo("one"));
        Assert.That(synced.LastUpdated, Is.Not.Null);
        Assert.That(synced.VersionInfo, Is.Not.Empty);

        _sidecar.Publish(Route("r1", "two"), Route("r2", "one"));
        await AnswerAsync(call, await NextAsync(call), "RouteConfiguration r1: no, thanks", "r1", "r2", "ghost");
        var error = await StatusAsync("r1", ConfigStatus.Error);
        Assert.That(error.XdsConfig.Unpack<RouteConfiguration>().VirtualHosts[0].Name, Is.EqualTo("two"));
        Assert.That(error.ErrorState.Details, Does.Contain("no, thanks"));
        Assert.That(
            error.ErrorState.FailedConfiguration.Unpack<RouteConfiguration>().VirtualHosts[0].Name, Is.EqualTo("two"));
        Assert.That((await StatusAsync("r2", ConfigStatus.Synced)).ErrorState, Is.Null);
    }

    [Test]
    public async Task Csds94_NothingSentYet_IsNotSent()
    {
        using var call = await AskAsync(TypeUrl.RouteConfiguration, "r1");
        await Eventually.HoldsAsync(() => !_sidecar.Registry.Nodes.IsEmpty, "the proxy is known");
        _sidecar.Publish(Route("r1", "one"));
        var response = await NextAsync(call);
        await AnswerAsync(call, response, error: null, "r1");
        await StatusAsync("r1", ConfigStatus.Synced);

        _sidecar.Publish(Route("r1", "two"));
        await NextAsync(call); // On its way, and a newer one waits for its answer.
        _sidecar.Publish(Route("r1", "two"), Route("r2", "one"));
        await AnswerAsync(call, response, error: null, "r1", "r2"); // A stale answer: the response is still open.

        await StatusAsync("r2", ConfigStatus.NotSent);
        await StatusAsync("r1", ConfigStatus.Stale);
    }

    [Test]
    public async Task Csds_Matchers_ChooseClientsAndContentsCanBeLeftOut()
    {
        _sidecar.Publish(Route("r1", "one"));
        using var call = await AskAsync(TypeUrl.RouteConfiguration, "r1");
        await AnswerAsync(call, await NextAsync(call), error: null, "r1");
        await StatusAsync("r1", ConfigStatus.Synced);

        var mine = await FetchAsync(Matching(new StringMatcher { Prefix = "edge" }));
        var theirs = await FetchAsync(Matching(new StringMatcher { Exact = "other" }));
        var bare = Matching(new StringMatcher { Suffix = "/1" });
        bare.ExcludeResourceContents = true;
        var without = await FetchAsync(bare);
        var refused = Assert.ThrowsAsync<GrpcException>(() => FetchAsync(Matching(new StringMatcher
        {
            SafeRegex = new RegexMatcher { Regex = ".*" },
        })));

        Assert.That(mine.Config.Select(static c => c.Node.Id), Is.EqualTo(new[] { NodeId }));
        Assert.That(mine.Config[0].Node.Cluster, Is.EqualTo("edge"));
        Assert.That(theirs.Config, Is.Empty);
        Assert.That(without.Config.Single().GenericXdsConfigs.Single().XdsConfig, Is.Null);
        Assert.That(refused!.Status.Code, Is.EqualTo(GrpcStatusCode.InvalidArgument));
        using var stream = _channel.Duplex<ClientStatusRequest, ClientStatusResponse>(
            $"{Csds}/StreamClientStatus", ClientStatusResponse.Parser);
        for (var i = 0; i < 2; i++)
        {
            await stream.RequestStream.WriteAsync(new ClientStatusRequest()).DefaultTimeout();
            Assert.That(await stream.ResponseStream.MoveNextAsync().DefaultTimeout(), Is.True);
            Assert.That(stream.ResponseStream.Current.Config, Has.Count.EqualTo(1));
        }
    }

    [Test]
    public async Task Proxies_DiffAfterANack_ShowsWhatIsIntendedWhatIsHeldAndWhatWasRejected()
    {
        _sidecar.Publish(Route("r1", "one"), Route("r2", "one"));
        using var call = await AskAsync(TypeUrl.RouteConfiguration, "r1", "r2", "r3");
        await AnswerAsync(call, await NextAsync(call), error: null, "r1", "r2", "r3");
        await StatusAsync("r1", ConfigStatus.Synced);
        _sidecar.Publish(Route("r1", "two"), Route("r3", "one"));
        await AnswerAsync(call, await NextAsync(call), "no, thanks", "r1", "r2", "r3");
        await StatusAsync("r1", ConfigStatus.Error);

        var (exit, listed) = await RunAsync("proxies");
        var (_, shown) = await RunAsync("proxies", NodeId);
        var (_, diff) = await RunAsync("proxies", NodeId, "--diff");
        var (_, json) = await RunAsync("proxies", NodeId, "--diff", "--json");
        var (missing, _) = await RunAsync("proxies", "nobody");

        Assert.That(exit, Is.Zero);
        Assert.That(listed, Does.Match(@"edge/1\s+RouteConfiguration\s+error"));
        Assert.That(shown, Does.Contain("cluster edge, envoy 1.40.0").And.Contains("Features: a.feature")
            .And.Contains("no, thanks"));
        Assert.That(diff, Does.Contain("RouteConfiguration r1 is different")
            .And.Contains("-      \"name\": \"one\"").And.Contains("+      \"name\": \"two\"")
            .And.Contains("RouteConfiguration r2 is extra").And.Contains("RouteConfiguration r3 is missing")
            .And.Contains("+++ rejected/r1"));
        using var document = JsonDocument.Parse(json);
        Assert.That(document.RootElement.GetProperty("resources").GetArrayLength(), Is.EqualTo(3));
        Assert.That(missing, Is.EqualTo(1));
    }

    [Test]
    public async Task Drift_RejectedAndLaterAccepted_IsToldAndWithdrawn()
    {
        _sidecar.Publish(Route("r1", "one"));
        using var call = await AskAsync(TypeUrl.RouteConfiguration, "r1");
        await AnswerAsync(call, await NextAsync(call), error: null, "r1");
        await StatusAsync("r1", ConfigStatus.Synced);
        _sidecar.Publish(Route("r1", "two"));
        await AnswerAsync(call, await NextAsync(call), "no, thanks", "r1");

        await LoggedAsync("edge/1 does not hold what is intended in 1 resources (rejected: True)");
        _sidecar.Publish(Route("r1", "three"));
        await Eventually.HoldsAsync(
            async () =>
            {
                // Whatever comes first, the return to what it had or the change, in the end it is the change.
                var response = await NextAsync(call);
                await AnswerAsync(call, response, error: null, "r1");
                return response.Resources.Any(static r =>
                    r.Unpack<RouteConfiguration>().VirtualHosts[0].Name == "three");
            },
            "the change comes",
            TestTimeouts.Default);
        await LoggedAsync("edge/1 holds what is intended again");
    }

    [Test]
    public async Task Metrics_OneExchange_IsCountedByTypeAndUnknownTypesShareALabel()
    {
        _sidecar.Publish(Route("r1", "one"), XdsResource.FromBytes("type.googleapis.com/acme.X", "x", []));
        using var call = await AskAsync(TypeUrl.RouteConfiguration, "r1");
        await AnswerAsync(call, await NextAsync(call), error: null, "r1");
        using var other = await AskAsync("type.googleapis.com/acme.X", "x");
        await NextAsync(other);
        await StatusAsync("r1", ConfigStatus.Synced);

        using var admin = _sidecar.CreateAdminClient();
        var metrics = await admin.GetStringAsync("/metrics");

        const string route = "type=\"envoy.config.route.v3.RouteConfiguration\"";
        Assert.That(metrics, Does.Contain($"selfheal_xds_responses_total{{{route}}} 1")
            .And.Contains($"selfheal_xds_acks_total{{{route}}} 1")
            .And.Contains($"selfheal_xds_ack_latency_seconds_count{{{route}}} 1")
            .And.Contains($"selfheal_xds_subscriptions{{{route},variant=\"sotw\"}} 1")
            .And.Contains($"selfheal_xds_subscribed_resources{{{route}}} 1")
            .And.Contains("selfheal_xds_responses_total{type=\"other\"} 1")
            .And.Contains("selfheal_xds_proxies_out_of_sync 1"));
        Assert.That(metrics, Does.Match($"selfheal_xds_response_bytes_total{{{route}}} [1-9]"));
    }

    [Test]
    public async Task Secret_ServedAndRejected_IsNowhereButOnItsStream()
    {
        _sidecar.Publish(Secret("tls", Hush));
        using var call = await AskAsync(TypeUrl.Secret, "tls");
        var first = await NextAsync(call);
        Assert.That(Encoding.UTF8.GetString(first.Resources[0].Value.Span), Does.Contain(Hush), "it is served");
        await AnswerAsync(call, first, error: null, "tls");
        await StatusAsync("tls", ConfigStatus.Synced);
        _sidecar.Publish(Secret("tls", $"{Hush}-2"));
        await AnswerAsync(call, await NextAsync(call), "cannot be used", "tls");
        await StatusAsync("tls", ConfigStatus.Error);

        var seen = new StringBuilder();
        using var admin = _sidecar.CreateAdminClient();
        foreach (var path in (string[])
            [
                "/metrics", "/api/proxies", "/api/proxies/edge%2F1", "/api/proxies/edge%2F1/diff", "/api/routes",
                "/readyz",
            ])
            seen.AppendLine(await (await admin.GetAsync(path)).Content.ReadAsStringAsync());
        seen.AppendLine((await FetchAsync(new ClientStatusRequest())).ToString());
        seen.AppendLine((await RunAsync("proxies", NodeId, "--diff")).Text);
        foreach (var (_, _, text) in _sidecar.Logs.Entries)
            seen.AppendLine(text);
        await _sidecar.Host.DisposeAsync();
        foreach (var file in Directory.EnumerateFiles(_sidecar.Directory, "*", SearchOption.AllDirectories))
            seen.AppendLine(Encoding.Latin1.GetString(await File.ReadAllBytesAsync(file)));

        Assert.That(_sidecar.Logs.All, Is.Not.Empty, "everything was logged");
        foreach (var text in _sidecar.Logs.All)
            seen.AppendLine(text);
        Assert.That(seen.ToString(), Does.Contain("secrets are not shown").And.Contains("cannot be used"));
        Assert.That(seen.ToString(), Does.Not.Contain(Hush));
        Assert.That(
            seen.ToString(), Does.Not.Contain(Convert.ToBase64String(Encoding.UTF8.GetBytes(Hush)).TrimEnd('=')[..20]));
    }

    private static XdsResource Route(string name, string host) => XdsResource.FromMessage(new RouteConfiguration
    {
        Name = name,
        VirtualHosts = { new VirtualHost { Name = host, Domains = { "*" } } },
    });

    private static XdsResource Secret(string name, string text) => XdsResource.FromMessage(new Secret
    {
        Name = name,
        GenericSecret = new GenericSecret { Secret = new DataSource { InlineString = text } },
    });

    private static ClientStatusRequest Matching(StringMatcher matcher) => new()
    {
        NodeMatchers = { new NodeMatcher { NodeId = matcher } },
    };

    private static async Task<DiscoveryResponse> NextAsync(GrpcDuplexCall<DiscoveryRequest, DiscoveryResponse> call)
    {
        Assert.That(await call.ResponseStream.MoveNextAsync().DefaultTimeout(), Is.True);
        return call.ResponseStream.Current;
    }

    private static Task AnswerAsync(
        GrpcDuplexCall<DiscoveryRequest, DiscoveryResponse> call,
        DiscoveryResponse response,
        string? error,
        params string[] names)
    {
        var request = new DiscoveryRequest
        {
            TypeUrl = response.TypeUrl,
            ResponseNonce = response.Nonce,
            ResourceNames = { names },
        };
        if (error is null)
            request.VersionInfo = response.VersionInfo;
        else
            request.ErrorDetail = new global::Google.Rpc.Status { Code = 3, Message = error };
        return call.RequestStream.WriteAsync(request).DefaultTimeout();
    }

    private async Task<GrpcDuplexCall<DiscoveryRequest, DiscoveryResponse>> AskAsync(
        string typeUrl, params string[] names)
    {
        var call = _channel.Duplex<DiscoveryRequest, DiscoveryResponse>(Aggregated, DiscoveryResponse.Parser);
        var node = new Node
        {
            Id = NodeId,
            Cluster = "edge",
            UserAgentName = "envoy",
            UserAgentVersion = "1.40.0",
            ClientFeatures = { "a.feature" },
        };
        await call.RequestStream.WriteAsync(
            new DiscoveryRequest { Node = node, TypeUrl = typeUrl, ResourceNames = { names } }).DefaultTimeout();
        return call;
    }

    private Task LoggedAsync(string text) => Eventually.HoldsAsync(
        () => _sidecar.Logs.All.Any(t => t.Contains(text, StringComparison.Ordinal)), text);

    private Task<ClientStatusResponse> FetchAsync(ClientStatusRequest request) => _channel
        .UnaryAsync<ClientStatusRequest, ClientStatusResponse>(
            $"{Csds}/FetchClientStatus", request, ClientStatusResponse.Parser)
        .DefaultTimeout();

    private async Task<ClientConfig.Types.GenericXdsConfig> StatusAsync(string name, ConfigStatus status)
    {
        ClientConfig.Types.GenericXdsConfig? found = null;
        await Eventually.HoldsAsync(
            async () =>
            {
                var response = await FetchAsync(new ClientStatusRequest());
                found = response.Config.SelectMany(static c => c.GenericXdsConfigs).FirstOrDefault(c => c.Name == name);
                return found?.ConfigStatus == status;
            },
            $"{name} is {status}",
            TestTimeouts.Default);
        return found!; // The condition has held.
    }

    private async Task<(int Exit, string Text)> RunAsync(params string[] arguments)
    {
        var output = new StringWriter();
        var environment = new CommandEnvironment(
            output, output, IsTerminal: false, static _ => null, TimeProvider.System);
        var line = new SelfHealCommandLine(
            environment, SelfHeal.Sidecar.Composition.SidecarParts.Create());
        var exit = await line.RunAsync(
            [.. arguments, "--admin", $"http://{_sidecar.Host.AdminAddress}"], CancellationToken.None).DefaultTimeout();
        return (exit, output.ToString());
    }
}
