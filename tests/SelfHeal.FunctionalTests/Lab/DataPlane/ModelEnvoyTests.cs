using System.Net;
using SelfHeal.Core.Time;
using SelfHeal.Lab.DataPlane;
using SelfHeal.Lab.Processes;
using SelfHeal.Lab.Upstream;
using static SelfHeal.FunctionalTests.Lab.DataPlane.PaymentsResources;

namespace SelfHeal.FunctionalTests.Lab.DataPlane;

[TestFixture(false)]
[TestFixture(true)]
[CancelAfter(60_000)]
public sealed class ModelEnvoyTests(bool delta)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(15);

    private FakeAdsServer _server = null!; // Set up before each test.
    private UpstreamServer _stable = null!; // Set up before each test.
    private UpstreamServer _canary = null!; // Set up before each test.
    private ModelEnvoy _model = null!; // Set up before each test.
    private HttpClient _client = null!; // Set up before each test.

    [SetUp]
    public async Task SetUpAsync()
    {
        _stable = new UpstreamServer("v1", 0, new SeededRandomSource(1), TimeProvider.System);
        _canary = new UpstreamServer("v2", 0, new SeededRandomSource(2), TimeProvider.System);
        await _stable.StartAsync(CancellationToken.None);
        await _canary.StartAsync(CancellationToken.None);
        _server = await FakeAdsServer.StartAsync();
        SetResources(_server, FreePorts.Take(1)[0]);
        _model = new ModelEnvoy(
            new ModelEnvoyOptions
            {
                AdsAddress = _server.Address,
                Delta = delta,
                FlushInterval = TimeSpan.FromMilliseconds(100),
            },
            TimeProvider.System);
        _model.Start();
        _client = new HttpClient();
    }

    [TearDown]
    public async Task TearDownAsync()
    {
        _client.Dispose();
        await _model.DisposeAsync();
        await _server.DisposeAsync();
        await _stable.DisposeAsync();
        await _canary.DisposeAsync();
    }

    [Test]
    public async Task Start_WithResources_CarriesRequestsByWeight(CancellationToken cancellationToken)
    {
        await _model.WaitReadyAsync(Patience, cancellationToken);
        await SendAsync(500, cancellationToken);

        Assert.That(_stable.Requests.Total + _canary.Requests.Total, Is.EqualTo(500));
        Assert.That(_canary.Requests.Total, Is.InRange(25, 85));
    }

    [Test]
    public async Task Start_FirstRequest_CarriesTheNodeAndNoOther(CancellationToken cancellationToken)
    {
        await _model.WaitReadyAsync(Patience, cancellationToken);
        bool[] nodes = delta
            ? [.. _server.Delta.Items.Select(request => request.Node is not null)]
            : [.. _server.Sotw.Items.Select(request => request.Node is not null)];

        Assert.That(nodes[0], Is.True);
        Assert.That(nodes.Skip(1), Has.All.False);
    }

    [Test]
    public async Task RouteUpdate_NewWeights_AreAckedAndTakeEffect(CancellationToken cancellationToken)
    {
        await _model.WaitReadyAsync(Patience, cancellationToken);
        var before = await _model.RouteDigestAsync("payments-routes", cancellationToken);
        _server.Set(RouteType, ("payments-routes", Routes(100, 0)));
        await AnsweredAsync(version: "2", nack: false);
        var reached = _canary.Requests.Total;
        await SendAsync(200, cancellationToken);

        Assert.That(_canary.Requests.Total, Is.EqualTo(reached));
        Assert.That(await _model.RouteDigestAsync("payments-routes", cancellationToken), Is.Not.EqualTo(before));
    }

    [Test]
    public async Task RouteUpdate_RejectedByFault_IsNackedAndTheOldRoutesStay(CancellationToken cancellationToken)
    {
        await _model.WaitReadyAsync(Patience, cancellationToken);
        var before = await _model.RouteDigestAsync("payments-routes", cancellationToken);
        _model.Faults.RejectRoutes = _ => true;
        _server.Set(RouteType, ("payments-routes", Routes(100, 0)));
        await AnsweredAsync(version: "1", nack: true);

        Assert.That(await _model.RouteDigestAsync("payments-routes", cancellationToken), Is.EqualTo(before));
        Assert.That(_model.Stat("http.rds.update_rejected"), Is.EqualTo(1));
    }

    [Test]
    public async Task RouteUpdate_WeightsOfZero_IsNackedAsEnvoyDoes(CancellationToken cancellationToken)
    {
        await _model.WaitReadyAsync(Patience, cancellationToken);
        _server.Set(RouteType, ("payments-routes", Routes(0, 0)));

        Assert.That(await AnsweredAsync(version: "1", nack: true), Does.Contain("must be greater than 0"));
    }

    [Test]
    public async Task Stream_LostAtAMessage_IsReopenedWithWhatIsHeld(CancellationToken cancellationToken)
    {
        await _model.WaitReadyAsync(Patience, cancellationToken);
        await AnsweredAsync(version: "1", nack: false);
        _model.Faults.DisconnectAfter(1);
        _server.Set(RouteType, ("payments-routes", Routes(50, 50)));
        if (delta)
        {
            var again = await _server.Delta.WaitForAsync(
                request => request.TypeUrl is RouteType && request.InitialResourceVersions.Count > 0);
            Assert.That(again.InitialResourceVersions["payments-routes"], Is.EqualTo("2"));
        }
        else
        {
            var again = await _server.Sotw.WaitForAsync(request =>
                request.TypeUrl is RouteType && request.ResponseNonce.Length == 0 && request.VersionInfo.Length > 0);
            Assert.That(again.VersionInfo, Is.EqualTo("2"));
        }

        using var response = await _client.GetAsync(_model.Listener, cancellationToken);
        Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.OK));
    }

    [Test]
    public async Task Server_GoneAndBack_RequestsAreCarriedAllTheWhile(CancellationToken cancellationToken)
    {
        await _model.WaitReadyAsync(Patience, cancellationToken);
        var address = _server.Address;
        await _server.DisposeAsync();
        await SendAsync(20, cancellationToken);

        _server = await FakeAdsServer.StartAsync(address.Port);
        SetResources(_server, _model.Listener.Port);
        var metrics = await _server.Metrics.WaitForAsync(_ => true);
        await Eventually.HoldsAsync(
            () => (delta ? _server.Delta.Items.Count : _server.Sotw.Items.Count) >= 4, "all four types are asked for");
        await SendAsync(20, cancellationToken);

        Assert.That(metrics.Identifier, Is.Not.Null);
    }

    [Test]
    public async Task AckDelay_SlowModel_AppliesAtOnceAndAnswersLater(CancellationToken cancellationToken)
    {
        await _model.WaitReadyAsync(Patience, cancellationToken);
        await AnsweredAsync(version: "1", nack: false);
        _model.Faults.AckDelay = TimeSpan.FromMilliseconds(300);
        var start = TimeProvider.System.GetTimestamp();
        _server.Set(RouteType, ("payments-routes", Routes(100, 0)));
        await AnsweredAsync(version: "2", nack: false);

        Assert.That(TimeProvider.System.GetElapsedTime(start).TotalMilliseconds, Is.GreaterThanOrEqualTo(290));
    }

    [Test]
    public async Task Silent_ModelThatDoesNotAnswer_KeepsItsRoutes(CancellationToken cancellationToken)
    {
        await _model.WaitReadyAsync(Patience, cancellationToken);
        var before = await _model.RouteDigestAsync("payments-routes", cancellationToken);
        _model.Faults.Silent = true;
        var asked = delta ? _server.Delta.Items.Count : _server.Sotw.Items.Count;
        _server.Set(RouteType, ("payments-routes", Routes(100, 0)));
        var flushes = _server.Metrics.Items.Count;
        await Eventually.HoldsAsync(() => _server.Metrics.Items.Count > flushes + 2, "the model lives on");

        Assert.That(await _model.RouteDigestAsync("payments-routes", cancellationToken), Is.EqualTo(before));
        Assert.That(delta ? _server.Delta.Items.Count : _server.Sotw.Items.Count, Is.EqualTo(asked));
    }

    [Test]
    public async Task Endpoint_ThatIsGone_GivesA503ThatCounts(CancellationToken cancellationToken)
    {
        await _model.WaitReadyAsync(Patience, cancellationToken);
        await _canary.DisposeAsync();
        _server.Set(RouteType, ("payments-routes", Routes(0, 100)));
        await AnsweredAsync(version: "2", nack: false);
        using var response = await _client.GetAsync(_model.Listener, cancellationToken);

        Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.ServiceUnavailable));
        Assert.That(_model.Stat("cluster.payments-v2.upstream_rq_5xx"), Is.EqualTo(1));
    }

    private void SetResources(FakeAdsServer server, int listenerPort)
    {
        server.Set(
            ClusterType, ("payments-v1", EdsCluster("payments-v1")), ("payments-v2", EdsCluster("payments-v2")));
        server.Set(
            EndpointType,
            ("payments-v1", Assignment("payments-v1", _stable.Address.Port)),
            ("payments-v2", Assignment("payments-v2", _canary.Address.Port)));
        server.Set(ListenerType, ("payments-listener", HttpListener(listenerPort)));
        server.Set(RouteType, ("payments-routes", Routes(90, 10)));
    }

    private async Task<string> AnsweredAsync(string version, bool nack)
    {
        if (!delta)
        {
            var request = await _server.Sotw.WaitForAsync(one =>
                one.TypeUrl is RouteType
                && one.ResponseNonce.Length > 0
                && string.Equals(one.VersionInfo, version, StringComparison.Ordinal)
                && one.ErrorDetail is not null == nack);
            return request.ErrorDetail?.Message ?? string.Empty;
        }

        // In delta an answer names only its nonce: the answer to the second version is the second answer.
        var place = version is "2" || nack ? 1 : 0;
        await Eventually.HoldsAsync(() => Answers().Count > place, "an answer to the route");
        var answer = Answers()[place];
        Assert.That(answer.ErrorDetail is not null, Is.EqualTo(nack));
        return answer.ErrorDetail?.Message ?? string.Empty;
    }

    private List<global::Envoy.Service.Discovery.V3.DeltaDiscoveryRequest> Answers() =>
        [.. _server.Delta.Items.Where(request => request.TypeUrl is RouteType && request.ResponseNonce.Length > 0)];

    private async Task SendAsync(int count, CancellationToken cancellationToken)
    {
        for (var i = 0; i < count; i++)
        {
            using var response = await _client.GetAsync(_model.Listener, cancellationToken);
            Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.OK));
        }
    }
}
