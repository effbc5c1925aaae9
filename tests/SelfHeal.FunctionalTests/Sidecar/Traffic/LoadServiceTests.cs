using System.Diagnostics.Metrics;
using Envoy.Config.Endpoint.V3;
using Envoy.Service.LoadStats.V3;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using SelfHeal.Core.Control;
using SelfHeal.Core.Loads;
using SelfHeal.Core.Series;
using SelfHeal.FunctionalTests.Grpc;
using SelfHeal.FunctionalTests.Lab;
using SelfHeal.FunctionalTests.Lab.DataPlane;
using SelfHeal.Grpc;
using SelfHeal.Sidecar.Config;
using SelfHeal.Sidecar.Judgement;
using SelfHeal.Sidecar.Traffic;
using SelfHeal.Sidecar.Xds;
using SelfHeal.Xds.Resources;
using SelfHeal.Xds.Snapshots;
using Node = Envoy.Config.Core.V3.Node;

namespace SelfHeal.FunctionalTests.Sidecar.Traffic;

/// <summary>Load streams on real sockets.</summary>
[CancelAfter(60_000)]
internal sealed class LoadServiceTests : GrpcTestBase
{
    private readonly List<ControlEvent> _events = [];
    private ServiceProvider _services = null!; // Set before each test.
    private ServedBoard _board = null!; // Set before each test.
    private ControlInbox _inbox = null!; // Set before each test.

    [SetUp]
    public void ClearEvents() => _events.Clear();

    [TearDown]
    public async Task DisposeServicesAsync()
    {
        await _services.DisposeAsync();
    }

    [Test]
    public async Task Stream_ReportsOfAClientThatSendsAll_ReachTheInboxBetweenOpeningAndEnd()
    {
        using var call = Open();
        await SendAsync(call, new LoadStatsRequest { Node = ProxyNode("a", "envoy.lrs.supports_send_all_clusters") });
        var response = await NextAsync(call);
        await SendAsync(call, Report("payments"));
        await SendAsync(call, Report("payments"));
        await call.RequestStream.CompleteAsync().DefaultTimeout();

        Assert.That(await call.ResponseStream.MoveNextAsync().DefaultTimeout(), Is.False);
        await EventsAsync(4);
        var reports = _events.OfType<ControlEvent.LoadReported>().Select(static e => e.Report).ToList();
        using (Assert.EnterMultipleScope())
        {
            Assert.That(response.SendAllClusters, Is.True);
            Assert.That(response.LoadReportingInterval.ToTimeSpan(), Is.EqualTo(TimeSpan.FromSeconds(5)));
            Assert.That(
                _events[0], Is.EqualTo(new ControlEvent.LoadStreamOpened(1, "a", LoadAbsence.NothingIssued)));
            Assert.That(reports.Select(static r => r.Sequence), Is.EqualTo(new[] { 1, 2 }));
            Assert.That(_events[^1], Is.EqualTo(new ControlEvent.LoadStreamClosed(1)));
        }
    }

    [Test]
    public async Task Publish_ClientThatCannotSendAll_IsNamedTheClustersAgain()
    {
        _board.Tell(Clusters("a"));
        using var call = Open();
        await SendAsync(call, new LoadStatsRequest { Node = ProxyNode("old") });
        Assert.That((await NextAsync(call)).Clusters, Is.EqualTo(new[] { "a" }));

        _board.Tell(Clusters("a", "b"));

        Assert.That((await NextAsync(call)).Clusters, Is.EqualTo(new[] { "a", "b" }));
    }

    [Test]
    public async Task Request_WithoutANode_IsInvalidAndLeavesNoStream()
    {
        using var call = Open();
        await SendAsync(call, Report("payments"));

        var refused = AssertStatus(
            GrpcStatusCode.InvalidArgument, () => call.ResponseStream.MoveNextAsync().AsTask());

        Assert.That(refused.Status.Message, Does.Contain("node.id"));
        Assert.That(Drain(), Is.Empty);
    }

    [Test]
    public async Task Request_BadCount_IsInvalidAndEndsTheStreamForTheLoop()
    {
        using var call = Open();
        await SendAsync(call, new LoadStatsRequest { Node = ProxyNode("a") });
        var report = Report("payments");
        report.ClusterStats[0].TotalDroppedRequests = ulong.MaxValue;
        await SendAsync(call, report);

        var refused = AssertStatus(
            GrpcStatusCode.InvalidArgument, () => call.ResponseStream.MoveNextAsync().AsTask());

        Assert.That(refused.Status.Message, Does.Contain("cluster_stats[0].total_dropped_requests"));
        await EventsAsync(2);
        Assert.That(_events[^1], Is.EqualTo(new ControlEvent.LoadStreamClosed(1)));
    }

    [Test]
    public async Task Open_OnePastTheLimit_IsRefusedUntilOneEnds()
    {
        using var first = Open();
        await SendAsync(first, new LoadStatsRequest { Node = ProxyNode("a") });
        await EventsAsync(1);

        using (var second = Open())
        {
            var refused = AssertStatus(
                GrpcStatusCode.ResourceExhausted, () => second.ResponseStream.MoveNextAsync().AsTask());
            Assert.That(refused.Status.Message, Does.Contain("xds.max_streams"));
        }

        first.Cancel();
        await EventsAsync(2);
        _board.Tell(Clusters("a"));
        using var third = Open();
        await SendAsync(third, new LoadStatsRequest { Node = ProxyNode("b") });
        Assert.That((await NextAsync(third)).Clusters, Is.EqualTo(new[] { "a" }));
    }

    [Test]
    public async Task Stop_OpenStream_EndsWithUnavailable()
    {
        using var call = Open();
        await SendAsync(call, new LoadStatsRequest { Node = ProxyNode("a") });
        await EventsAsync(1);

        var stopping = Server.StopAsync();

        AssertStatus(GrpcStatusCode.Unavailable, () => call.ResponseStream.MoveNextAsync().AsTask());
        await stopping.DefaultTimeout();
        await EventsAsync(2);
        Assert.That(_events[^1], Is.EqualTo(new ControlEvent.LoadStreamClosed(1)));
    }

    protected override GrpcService[] ExtraServices()
    {
        _services = new ServiceCollection().AddMetrics().BuildServiceProvider();
        var meters = _services.GetRequiredService<IMeterFactory>();
        _board = new ServedBoard();
        _inbox = new ControlInbox(new FlushBatchPool(), meters);
        var service = new LoadService(
            new XdsOptions { MaxStreams = 1 },
            new LoadOptions(),
            _board,
            _inbox,
            meters,
            NullLogger<LoadService>.Instance);
        return [service.Create()];
    }

    private static ValidatedSnapshot Clusters(params string[] names)
    {
        var resources = names.SelectMany(static name => (XdsResource[])
        [
            XdsResource.FromMessage(PaymentsResources.EdsCluster(name)),
            XdsResource.FromMessage(new ClusterLoadAssignment { ClusterName = name }),
        ]);
        var validation = new SnapshotValidator().Validate(Snapshot.Create(resources));
        return validation.Snapshot ?? throw new AssertionException(string.Join('\n', validation.Errors));
    }

    private static Node ProxyNode(string id, params string[] features) =>
        new() { Id = id, ClientFeatures = { features } };

    private static LoadStatsRequest Report(string cluster) =>
        new() { ClusterStats = { new ClusterStats { ClusterName = cluster } } };

    private static Task SendAsync(GrpcDuplexCall<LoadStatsRequest, LoadStatsResponse> call, LoadStatsRequest request) =>
        call.RequestStream.WriteAsync(request).DefaultTimeout();

    private static async Task<LoadStatsResponse> NextAsync(GrpcDuplexCall<LoadStatsRequest, LoadStatsResponse> call)
    {
        Assert.That(await call.ResponseStream.MoveNextAsync().DefaultTimeout(), Is.True);
        return call.ResponseStream.Current;
    }

    private GrpcDuplexCall<LoadStatsRequest, LoadStatsResponse> Open() =>
        Channel.Duplex<LoadStatsRequest, LoadStatsResponse>(
            "envoy.service.load_stats.v3.LoadReportingService/StreamLoadStats", LoadStatsResponse.Parser);

    private List<ControlEvent> Drain()
    {
        var events = new List<ControlEvent>();
        _inbox.Drain(events);
        return events;
    }

    private Task EventsAsync(int count) => Eventually.HoldsAsync(
        () =>
        {
            _events.AddRange(Drain());
            return _events.Count >= count;
        },
        $"{count} events");
}
