using Envoy.Service.Discovery.V3;
using SelfHeal.Grpc;

namespace SelfHeal.FunctionalTests.Delegation;

/// <summary>A double for each test, and what its tests say to it.</summary>
internal abstract class IstiodDoubleTestBase
{
    protected const string Sidecar = "sidecar~10.0.0.1~pay.shop~shop.svc.cluster.local";
    protected const string Gateway = "router~10.0.0.2~gate.shop~shop.svc.cluster.local";

    private readonly List<IDisposable> _clients = [];

    protected IstiodDouble Istiod { get; private set; } = null!; // Set before each test.

    [SetUp]
    public async Task StartDoubleAsync() => Istiod = await IstiodDouble.StartAsync();

    [TearDown]
    public async Task StopDoubleAsync()
    {
        foreach (var client in _clients)
            client.Dispose();
        _clients.Clear();
        await Istiod.DisposeAsync();
        Assert.That(Istiod.Logs.Errors, Is.Empty);
    }

    /// <summary>Replaces the double by another one.</summary>
    protected async Task RestartAsync(IstiodDoubleOptions options)
    {
        await Istiod.DisposeAsync();
        Istiod = await IstiodDouble.StartAsync(options);
    }

    protected AdsClient<DiscoveryRequest, DiscoveryResponse> OpenSotw(
        string? nodeId = Sidecar, GrpcMetadata? headers = null, GrpcChannelOptions? options = null)
    {
        var client = new AdsClient<DiscoveryRequest, DiscoveryResponse>(
            Istiod.Address, DiscoveryResponse.Parser, nodeId, headers, options);
        _clients.Add(client);
        return client;
    }

    protected AdsClient<DeltaDiscoveryRequest, DeltaDiscoveryResponse> OpenDelta(string? nodeId = Sidecar)
    {
        var client = new AdsClient<DeltaDiscoveryRequest, DeltaDiscoveryResponse>(
            Istiod.Address, DeltaDiscoveryResponse.Parser, nodeId);
        _clients.Add(client);
        return client;
    }

    protected static DiscoveryRequest Sotw(string type, string nonce, params string[] names) =>
        new() { TypeUrl = type, ResponseNonce = nonce, ResourceNames = { names } };

    protected static DeltaDiscoveryRequest Delta(string type, string nonce = "", params string[] names) =>
        new() { TypeUrl = type, ResponseNonce = nonce, ResourceNamesSubscribe = { names } };

    protected static Google.Rpc.Status Error(string text) => new() { Code = 13, Message = text };

    /// <summary>Names of a delta response, and of what it removes after a minus.</summary>
    protected static string Told(DeltaDiscoveryResponse response)
    {
        var removed = response.RemovedResources.Select(static name => $"-{name}");
        return string.Join(' ', response.Resources.Select(static resource => resource.Name).Concat(removed));
    }
}
