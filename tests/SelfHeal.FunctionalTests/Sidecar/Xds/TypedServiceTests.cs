using Envoy.Config.Core.V3;
using Envoy.Config.Route.V3;
using Envoy.Service.Discovery.V3;
using Google.Protobuf;
using SelfHeal.FunctionalTests.Lab;
using SelfHeal.Grpc;
using SelfHeal.Grpc.Reflection.V1;
using SelfHeal.Sidecar.Xds;
using SelfHeal.Xds.Resources;

namespace SelfHeal.FunctionalTests.Sidecar.Xds;

/// <summary>The services of one type each, both variants, on real sockets.</summary>
[CancelAfter(60_000)]
internal sealed class TypedServiceTests
{
    private const string Name = "payments";

    private RunningSidecar _sidecar = null!; // Set before the tests.
    private GrpcChannel _channel = null!; // Set before the tests.

    public static IEnumerable<string> Streams =>
        TypedService.All.Where(static s => s.StreamMethod is not null).Select(static s => s.Name);

    public static IEnumerable<string> All => TypedService.All.Select(static s => s.Name);

    [OneTimeSetUp]
    public async Task StartAsync()
    {
        _sidecar = await RunningSidecar.StartAsync();
        _channel = _sidecar.Connect();
        _sidecar.Publish([.. TypedService.All.Select(static s => OneOfEachType.Of(s.TypeUrl, Name))]);
    }

    [OneTimeTearDown]
    public async Task StopAsync()
    {
        _channel.Dispose();
        await _sidecar.DisposeAsync();
    }

    [TestCaseSource(nameof(Streams))]
    public async Task Stream_RequestWithoutType_GetsTheServicesTypeAndItsAckIsBooked(string name)
    {
        var service = Find(name);
        using var call = OpenStream(service);
        var request = new DiscoveryRequest { Node = NodeOf(name), ResourceNames = { Name } };
        await call.RequestStream.WriteAsync(request).DefaultTimeout();

        var response = await NextAsync(call);
        await call.RequestStream.WriteAsync(new DiscoveryRequest
        {
            VersionInfo = response.VersionInfo,
            ResponseNonce = response.Nonce,
            ResourceNames = { Name },
        }).DefaultTimeout();

        Assert.That(response.TypeUrl, Is.EqualTo(service.TypeUrl));
        Assert.That(response.Resources.Select(static r => r.TypeUrl), Is.EqualTo(new[] { service.TypeUrl }));
        Assert.That(response.Resources[0].Value, Is.EqualTo(ValueOf(service)));
        await BookedAsync(name, service.TypeUrl);
    }

    [TestCaseSource(nameof(All))]
    public async Task Delta_RequestWithoutType_GetsTheServicesTypeAndItsAckIsBooked(string name)
    {
        var service = Find(name);
        using var call = OpenDelta(service);
        var node = $"{name}/delta";
        await call.RequestStream.WriteAsync(new DeltaDiscoveryRequest
        {
            Node = NodeOf(node),
            ResourceNamesSubscribe = { Name },
        }).DefaultTimeout();

        var response = await NextAsync(call);
        await call.RequestStream.WriteAsync(new DeltaDiscoveryRequest { ResponseNonce = response.Nonce })
            .DefaultTimeout();

        Assert.That(response.TypeUrl, Is.EqualTo(service.TypeUrl));
        Assert.That(response.Resources.Select(static r => r.Name), Is.EqualTo(new[] { Name }));
        Assert.That(response.Resources[0].Resource_.Value, Is.EqualTo(ValueOf(service)));
        await BookedAsync(node, service.TypeUrl);
    }

    [TestCaseSource(nameof(Streams))]
    public async Task Stream_RequestOfAnotherType_IsRefused(string name)
    {
        var service = Find(name);
        using var call = OpenStream(service);
        await call.RequestStream.WriteAsync(
            new DiscoveryRequest { Node = NodeOf("wrong"), TypeUrl = "type.googleapis.com/x.Y" }).DefaultTimeout();

        var refused = Assert.ThrowsAsync<GrpcException>(
            () => call.ResponseStream.MoveNextAsync().AsTask().DefaultTimeout());

        Assert.That(refused!.Status.Code, Is.EqualTo(GrpcStatusCode.InvalidArgument));
        Assert.That(refused.Status.Message, Does.Contain(service.TypeUrl));
    }

    [Test]
    public void Stream_OfATypeThatExistsOnlyAsDelta_IsUnimplemented()
    {
        using var call = _channel.Duplex<DiscoveryRequest, DiscoveryResponse>(
            "envoy.service.route.v3.VirtualHostDiscoveryService/StreamVirtualHosts", DiscoveryResponse.Parser);

        var refused = Assert.ThrowsAsync<GrpcException>(
            () => call.ResponseStream.MoveNextAsync().AsTask().DefaultTimeout());

        Assert.That(refused!.Status.Code, Is.EqualTo(GrpcStatusCode.Unimplemented));
    }

    [Test]
    public async Task Reflection_ListsEveryServiceAndDescribesItsMethods()
    {
        using var call = _channel.Duplex<ServerReflectionRequest, ServerReflectionResponse>(
            "grpc.reflection.v1.ServerReflection/ServerReflectionInfo", ServerReflectionResponse.Parser);
        await call.RequestStream.WriteAsync(new ServerReflectionRequest { ListServices = "" }).DefaultTimeout();
        var listed = (await NextAsync(call)).ListServicesResponse.Service.Select(static s => s.Name).ToList();

        Assert.That(listed, Is.SupersetOf(All));
        foreach (var service in TypedService.All)
        {
            var method = $"{service.Name}.{service.DeltaMethod}";
            await call.RequestStream.WriteAsync(new ServerReflectionRequest { FileContainingSymbol = method })
                .DefaultTimeout();
            Assert.That((await NextAsync(call)).ErrorResponse, Is.Null, method);
        }
    }

    [Test]
    public async Task Stream_ManyStreamsOfOneNameEach_AreServedSideBySide()
    {
        var service = Find("envoy.service.route.v3.RouteDiscoveryService");
        _sidecar.Publish(
        [
            .. TypedService.All.Select(static s => OneOfEachType.Of(s.TypeUrl, Name)),
            OneOfEachType.Of(TypeUrl.RouteConfiguration, "r1"),
            OneOfEachType.Of(TypeUrl.RouteConfiguration, "r2"),
            OneOfEachType.Of(TypeUrl.RouteConfiguration, "r3"),
        ]);
        var calls = new List<GrpcDuplexCall<DiscoveryRequest, DiscoveryResponse>>();
        var got = new List<string>();
        foreach (var name in (string[])["r1", "r2", "r3"])
        {
            var call = OpenStream(service);
            calls.Add(call);
            await call.RequestStream.WriteAsync(
                new DiscoveryRequest { Node = NodeOf("one-name-each"), ResourceNames = { name } }).DefaultTimeout();
            got.AddRange((await NextAsync(call)).Resources.Select(static r => r.Unpack<RouteConfiguration>().Name));
        }

        Assert.That(got, Is.EqualTo(new[] { "r1", "r2", "r3" }));
        calls.ForEach(static c => c.Dispose());
    }

    private static TypedService Find(string name) => TypedService.All.Single(s => s.Name == name);

    private static Node NodeOf(string id) => new() { Id = id };

    private static ByteString ValueOf(TypedService service) =>
        ByteString.CopyFrom(OneOfEachType.Of(service.TypeUrl, Name).ValueBytes.Span);

    private static async Task<TResponse> NextAsync<TRequest, TResponse>(GrpcDuplexCall<TRequest, TResponse> call)
        where TRequest : class, IMessage<TRequest>
        where TResponse : class, IMessage<TResponse>
    {
        Assert.That(await call.ResponseStream.MoveNextAsync().DefaultTimeout(), Is.True);
        return call.ResponseStream.Current;
    }

    private GrpcDuplexCall<DiscoveryRequest, DiscoveryResponse> OpenStream(TypedService service) =>
        _channel.Duplex<DiscoveryRequest, DiscoveryResponse>(
            $"{service.Name}/{service.StreamMethod}", DiscoveryResponse.Parser);

    private GrpcDuplexCall<DeltaDiscoveryRequest, DeltaDiscoveryResponse> OpenDelta(TypedService service) =>
        _channel.Duplex<DeltaDiscoveryRequest, DeltaDiscoveryResponse>(
            $"{service.Name}/{service.DeltaMethod}", DeltaDiscoveryResponse.Parser);

    private Task BookedAsync(string node, string typeUrl) => Eventually.HoldsAsync(
        () => _sidecar.Registry.Proxies.Any(p => p.Node == node
            && p.Types is [{ State: "synced" } only] && only.Type == TypeUrl.FullName(typeUrl)),
        "the ACK is booked");
}
