using System.Diagnostics.Metrics;
using Envoy.Service.Discovery.V3;
using Google.Protobuf.WellKnownTypes;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using SelfHeal.Core.Series;
using SelfHeal.Core.Time;
using SelfHeal.FunctionalTests.Grpc;
using SelfHeal.FunctionalTests.Lab;
using SelfHeal.FunctionalTests.Lab.DataPlane;
using SelfHeal.Grpc;
using SelfHeal.Sidecar.Config;
using SelfHeal.Sidecar.Judgement;
using SelfHeal.Sidecar.Security;
using SelfHeal.Sidecar.Xds;
using SelfHeal.Xds.Resources;
using SelfHeal.Xds.Snapshots;
using Metadata = Envoy.Config.Core.V3.Metadata;
using Node = Envoy.Config.Core.V3.Node;

namespace SelfHeal.FunctionalTests.Sidecar.Xds;

/// <summary>Streams on real sockets: slow ones, many, and how they end.</summary>
[CancelAfter(60_000)]
internal sealed class AdsStreamTests : GrpcTestBase
{
    private const string Service = "envoy.service.discovery.v3.AggregatedDiscoveryService";
    private const int StreamLimit = 201;

    private ServiceProvider _services = null!; // Set before each test.
    private StreamHub _hub = null!; // Set before each test.
    private ProxyRegistry _registry = null!; // Set before each test.

    [TearDown]
    public async Task DisposeServicesAsync()
    {
        await _services.DisposeAsync();
        _hub.Dispose();
    }

    [Test]
    public async Task Publish_ClientThatNeverReads_DelaysNobodyAndGetsTheNewestOnceItReads()
    {
        // More than every window and buffer on the way takes.
        _hub.Publish(Clusters("1", padding: 8 * 1024 * 1024));
        var options = new GrpcChannelOptions { MaxReceiveMessageBytes = 64 * 1024 * 1024 };
        using var slowChannel = Server.Connect(options);
        using var fastChannel = Server.Connect(options);
        using var slow = await SubscribeAsync(slowChannel, "slow");
        await Eventually.HoldsAsync(() => StateOf("slow") == "stale", "the slow client is being written to");
        using var fast = await SubscribeAsync(fastChannel, "fast");
        var nonces = new List<DiscoveryResponse> { await AcknowledgeAsync(fast) };

        foreach (var name in (string[])["2", "3"])
        {
            _hub.Publish(Clusters(name));
            nonces.Add(await AcknowledgeAsync(fast));
        }

        Assert.That(nonces.Select(Names), Is.EqualTo(new[] { "c1", "c2", "c3" }));
        Assert.That(StateOf("slow"), Is.EqualTo("stale"), "its first response is still on the way");
        Assert.That(Names(await AcknowledgeAsync(slow)), Is.EqualTo("c1"));
        Assert.That(Names(await AcknowledgeAsync(slow)), Is.EqualTo("c3"), "the one between was never made");
    }

    [Test]
    public async Task Publish_TwoHundredStreams_EachGetsIt()
    {
        _hub.Publish(Clusters("1"));
        var channels = Enumerable.Range(0, 4).Select(_ => Server.Connect()).ToList();
        var calls = await Task.WhenAll(Enumerable.Range(0, 200).Select(i => SubscribeAsync(channels[i % 4], $"e{i}")));
        await Task.WhenAll(calls.Select(AcknowledgeAsync));
        Assert.That(_hub.Count, Is.EqualTo(200));

        _hub.Publish(Clusters("2"));

        var responses = await Task.WhenAll(calls.Select(AcknowledgeAsync));
        Assert.That(responses.Select(Names), Is.All.EqualTo("c2"));
        await Eventually.HoldsAsync(
            () => _registry.Proxies.All(static p => p.Types.Single().State == "synced"), "every proxy has accepted it");
        foreach (var call in calls)
            call.Dispose();
        channels.ForEach(static c => c.Dispose());
        await ExpectReleasedAsync();
    }

    [Test]
    public async Task Publish_DeltaStream_GetsTheDifferenceOnly()
    {
        _hub.Publish(Clusters("1"));
        using var call = Channel.Duplex<DeltaDiscoveryRequest, DeltaDiscoveryResponse>(
            $"{Service}/DeltaAggregatedResources", DeltaDiscoveryResponse.Parser);
        var request = new DeltaDiscoveryRequest { TypeUrl = TypeUrl.Cluster, Node = new Node { Id = "delta" } };
        await call.RequestStream.WriteAsync(request).DefaultTimeout();
        var first = await NextAsync(call);
        await call.RequestStream.WriteAsync(
            new DeltaDiscoveryRequest { TypeUrl = TypeUrl.Cluster, ResponseNonce = first.Nonce }).DefaultTimeout();

        _hub.Publish(Clusters("2"));

        var second = await NextAsync(call);
        Assert.That(first.Resources.Select(static r => r.Name), Is.EqualTo(new[] { "c1" }));
        Assert.That(second.Resources.Select(static r => r.Name), Is.EqualTo(new[] { "c2" }));
        Assert.That(second.RemovedResources, Is.EqualTo(new[] { "c1" }));
    }

    [Test]
    public async Task Stop_OpenStreams_EndWithUnavailableAndAreReleased()
    {
        _hub.Publish(Clusters("1"));
        using var quiet = await SubscribeAsync(Channel, "quiet");
        await AcknowledgeAsync(quiet);
        using var fresh = await SubscribeAsync(Channel, "fresh");
        await AcknowledgeAsync(fresh);

        var stopping = Server.StopAsync();

        AssertStatus(GrpcStatusCode.Unavailable, () => quiet.ResponseStream.MoveNextAsync().AsTask());
        AssertStatus(GrpcStatusCode.Unavailable, () => fresh.ResponseStream.MoveNextAsync().AsTask());
        await stopping.DefaultTimeout();
        await ExpectReleasedAsync();
    }

    [Test]
    public async Task End_ClientCompletes_EndsOkAndIsReleased()
    {
        _hub.Publish(Clusters("1"));
        using var call = await SubscribeAsync(Channel, "a");
        await AcknowledgeAsync(call);

        await call.RequestStream.CompleteAsync().DefaultTimeout();

        Assert.That(await call.ResponseStream.MoveNextAsync().DefaultTimeout(), Is.False);
        await ExpectReleasedAsync();
    }

    [Test]
    public async Task End_ClientCancelsWhileItIsWrittenTo_IsReleased()
    {
        _hub.Publish(Clusters("1", padding: 8 * 1024 * 1024));
        using var call = await SubscribeAsync(Channel, "a");
        await Eventually.HoldsAsync(() => StateOf("a") == "stale", "the client is being written to");

        call.Cancel();

        await ExpectReleasedAsync();
    }

    [Test]
    public async Task Request_WithoutANode_IsRefusedAndReleased()
    {
        using var call = Open(Channel);
        await call.RequestStream.WriteAsync(new DiscoveryRequest { TypeUrl = TypeUrl.Cluster }).DefaultTimeout();

        var refused = AssertStatus(
            GrpcStatusCode.InvalidArgument, () => call.ResponseStream.MoveNextAsync().AsTask());

        Assert.That(refused.Status.Message, Does.Contain("node.id"));
        await ExpectReleasedAsync();
    }

    [Test]
    public async Task Open_MoreStreamsThanTheLimit_IsRefused()
    {
        var channels = Enumerable.Range(0, 4).Select(_ => Server.Connect()).ToList();
        var calls = await Task.WhenAll(
            Enumerable.Range(0, StreamLimit).Select(i => SubscribeAsync(channels[i % 4], $"e{i}")));
        await Eventually.HoldsAsync(() => _hub.Count == StreamLimit, "every stream is open");

        using var more = Open(Channel);
        var refused = AssertStatus(
            GrpcStatusCode.ResourceExhausted, () => more.ResponseStream.MoveNextAsync().AsTask());

        Assert.That(refused.Status.Message, Does.Contain($"{StreamLimit}").And.Contains("max_streams"));
        foreach (var call in calls)
            call.Dispose();
        channels.ForEach(static c => c.Dispose());
        await ExpectReleasedAsync();
    }

    protected override GrpcService[] ExtraServices()
    {
        _services = new ServiceCollection().AddMetrics().BuildServiceProvider();
        var meters = _services.GetRequiredService<IMeterFactory>();
        _hub = new StreamHub();
        _registry = new ProxyRegistry(
            new ProcessIdentity("test"),
            new Restored(null!, [], null!), // The registry reads the entries only.
            new ControlInbox(new FlushBatchPool(), meters),
            meters,
            TimeProvider.System,
            NullLogger<ProxyRegistry>.Instance);
        var options = new XdsOptions { MaxStreams = StreamLimit };
        var clock = new ControlClock(TimeProvider.System);
        var admission = new StreamAdmission(
            options, new AccessMeter(meters), new SeededRandomSource(1), NullLogger<StreamAdmission>.Instance);
        return [new AdsService(options, admission, _hub, _registry, clock, NullLogger<AdsService>.Instance).Create()];
    }

    private static ValidatedSnapshot Clusters(string name, int padding = 0)
    {
        var cluster = PaymentsResources.EdsCluster($"c{name}");
        if (padding > 0)
        {
            var text = new Struct { Fields = { ["padding"] = Value.ForString(new string('x', padding)) } };
            cluster.Metadata = new Metadata { FilterMetadata = { ["padding"] = text } };
        }

        var validation = new SnapshotValidator().Validate(Snapshot.Create(
        [
            XdsResource.FromMessage(cluster),
            XdsResource.FromMessage(PaymentsResources.Assignment($"c{name}", 8000)),
        ]));
        Assert.That(validation.Errors, Is.Empty);
        return validation.Snapshot ?? throw new AssertionException("the snapshot is not valid");
    }

    private static GrpcDuplexCall<DiscoveryRequest, DiscoveryResponse> Open(GrpcChannel channel) =>
        channel.Duplex<DiscoveryRequest, DiscoveryResponse>(
            $"{Service}/StreamAggregatedResources", DiscoveryResponse.Parser);

    private static async Task<GrpcDuplexCall<DiscoveryRequest, DiscoveryResponse>> SubscribeAsync(
        GrpcChannel channel, string node)
    {
        var call = Open(channel);
        var request = new DiscoveryRequest { TypeUrl = TypeUrl.Cluster, Node = new Node { Id = node } };
        await call.RequestStream.WriteAsync(request).DefaultTimeout();
        return call;
    }

    private static async Task<DiscoveryResponse> AcknowledgeAsync(
        GrpcDuplexCall<DiscoveryRequest, DiscoveryResponse> call)
    {
        var response = await NextAsync(call);
        var request = new DiscoveryRequest
        {
            TypeUrl = response.TypeUrl,
            VersionInfo = response.VersionInfo,
            ResponseNonce = response.Nonce,
        };
        await call.RequestStream.WriteAsync(request).DefaultTimeout();
        return response;
    }

    private static async Task<TResponse> NextAsync<TRequest, TResponse>(GrpcDuplexCall<TRequest, TResponse> call)
        where TRequest : class, Google.Protobuf.IMessage<TRequest>
        where TResponse : class, Google.Protobuf.IMessage<TResponse>
    {
        Assert.That(await call.ResponseStream.MoveNextAsync().DefaultTimeout(), Is.True);
        return call.ResponseStream.Current;
    }

    private static string Names(DiscoveryResponse response) => string.Join(
        ',', response.Resources.Select(static any => any.Unpack<Envoy.Config.Cluster.V3.Cluster>().Name));

    private string? StateOf(string node) =>
        _registry.Proxies.FirstOrDefault(p => p.Node == node)?.Types.FirstOrDefault()?.State;

    private async Task ExpectReleasedAsync()
    {
        await Eventually.HoldsAsync(() => _hub.Count == 0, "the streams are gone");
        await Eventually.HoldsAsync(() => _registry.Proxies.IsEmpty, "nobody is listed");
    }
}
