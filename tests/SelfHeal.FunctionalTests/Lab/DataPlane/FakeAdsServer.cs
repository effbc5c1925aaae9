using System.Net;
using System.Threading.Channels;
using Envoy.Service.Discovery.V3;
using Envoy.Service.Metrics.V3;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Logging;
using SelfHeal.Grpc;

namespace SelfHeal.FunctionalTests.Lab.DataPlane;

/// <summary>
/// A tiny ADS server with a stats sink: it serves what a test sets and remembers what the client says.
/// </summary>
internal sealed class FakeAdsServer : IAsyncDisposable
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, (int Version, Dictionary<string, Any> Resources)> _types =
        new(StringComparer.Ordinal);
    private readonly List<ChannelWriter<object>> _streams = [];
    private readonly WebApplication _server;
    private int _nonce;

    private FakeAdsServer(int port)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.ListenGrpc(
            new GrpcEndpointOptions { Address = new IPEndPoint(IPAddress.Loopback, port) }));
        _server = builder.Build();
        _server.MapGrpc(
            new GrpcService("envoy.service.discovery.v3.AggregatedDiscoveryService")
                .Duplex<DiscoveryRequest, DiscoveryResponse>(
                    "StreamAggregatedResources", DiscoveryRequest.Parser, SotwAsync)
                .Duplex<DeltaDiscoveryRequest, DeltaDiscoveryResponse>(
                    "DeltaAggregatedResources", DeltaDiscoveryRequest.Parser, DeltaAsync),
            new GrpcService("envoy.service.metrics.v3.MetricsService")
                .ClientStreaming<StreamMetricsMessage, StreamMetricsResponse>(
                    "StreamMetrics", StreamMetricsMessage.Parser, MetricsAsync));
    }

    public Uri Address => new(_server.Urls.First().Replace("[::1]", "127.0.0.1", StringComparison.Ordinal));

    public Recorded<DiscoveryRequest> Sotw { get; } = new();

    public Recorded<DeltaDiscoveryRequest> Delta { get; } = new();

    public Recorded<StreamMetricsMessage> Metrics { get; } = new();

    /// <summary>How many messages a stats stream may bring before the server ends it.</summary>
    public int MetricsPerStream { get; set; } = int.MaxValue;

    public static async Task<FakeAdsServer> StartAsync(int port = 0)
    {
        var server = new FakeAdsServer(port);
        await server._server.StartAsync();
        return server;
    }

    /// <summary>Replaces all resources of a type and pushes them to every stream.</summary>
    public void Set(string typeUrl, params (string Name, IMessage Message)[] resources)
    {
        lock (_lock)
        {
            var version = _types.TryGetValue(typeUrl, out var before) ? before.Version + 1 : 1;
            _types[typeUrl] = (version, resources.ToDictionary(
                resource => resource.Name,
                resource => new Any { TypeUrl = typeUrl, Value = resource.Message.ToByteString() },
                StringComparer.Ordinal));
            foreach (var stream in _streams)
                stream.TryWrite(typeUrl);
        }
    }

    public async ValueTask DisposeAsync()
    {
        lock (_lock)
        {
            foreach (var stream in _streams)
                stream.TryComplete();
        }

        await _server.DisposeAsync();
    }

    private async Task SotwAsync(
        GrpcRequestReader<DiscoveryRequest> requests, GrpcResponseWriter<DiscoveryResponse> responses, GrpcCall call)
    {
        var inbox = Open(requests.ReadAllAsync(call.CancellationToken));
        var names = new Dictionary<string, string>(StringComparer.Ordinal);
        await foreach (var item in inbox.ReadAllAsync(call.CancellationToken))
        {
            var typeUrl = item as string;
            if (item is DiscoveryRequest request)
            {
                Sotw.Add(request);
                var wanted = string.Join(',', request.ResourceNames);
                var before = names.GetValueOrDefault(request.TypeUrl);
                var changed = !string.Equals(before, wanted, StringComparison.Ordinal);
                names[request.TypeUrl] = wanted;
                typeUrl = changed ? request.TypeUrl : null;
            }

            if (typeUrl is null || !names.ContainsKey(typeUrl))
                continue;
            var (version, resources) = Held(typeUrl);
            var response = new DiscoveryResponse { TypeUrl = typeUrl, VersionInfo = $"{version}", Nonce = NextNonce() };
            response.Resources.Add(resources.Values);
            await responses.WriteAsync(response, call.CancellationToken);
        }
    }

    private async Task DeltaAsync(
        GrpcRequestReader<DeltaDiscoveryRequest> requests,
        GrpcResponseWriter<DeltaDiscoveryResponse> responses,
        GrpcCall call)
    {
        var inbox = Open(requests.ReadAllAsync(call.CancellationToken));
        var known = new HashSet<string>(StringComparer.Ordinal);
        await foreach (var item in inbox.ReadAllAsync(call.CancellationToken))
        {
            var typeUrl = item as string;
            if (item is DeltaDiscoveryRequest request)
            {
                Delta.Add(request);
                var asks = known.Add(request.TypeUrl) || request.ResourceNamesSubscribe.Count > 0;
                typeUrl = asks ? request.TypeUrl : null;
            }

            if (typeUrl is null || !known.Contains(typeUrl))
                continue;
            var (version, resources) = Held(typeUrl);
            var response = new DeltaDiscoveryResponse { TypeUrl = typeUrl, Nonce = NextNonce() };
            response.Resources.Add(resources.Select(
                held => new Resource { Name = held.Key, Version = $"{version}", Resource_ = held.Value }));
            await responses.WriteAsync(response, call.CancellationToken);
        }
    }

    private async ValueTask<StreamMetricsResponse> MetricsAsync(
        GrpcRequestReader<StreamMetricsMessage> messages, GrpcCall call)
    {
        var left = MetricsPerStream;
        while (left > 0 && await messages.MoveNextAsync(call.CancellationToken))
        {
            Metrics.Add(messages.Current);
            left--;
        }

        return new StreamMetricsResponse();
    }

    private ChannelReader<object> Open<T>(IAsyncEnumerable<T> requests)
        where T : class
    {
        var inbox = Channel.CreateBounded<object>(1000);
        lock (_lock)
            _streams.Add(inbox.Writer);
        _ = PumpAsync(requests, inbox.Writer);
        return inbox.Reader;
    }

    private static async Task PumpAsync<T>(IAsyncEnumerable<T> requests, ChannelWriter<object> inbox)
        where T : class
    {
        try
        {
            await foreach (var request in requests)
                await inbox.WriteAsync(request);
        }
        catch (Exception exception) when (
            exception is OperationCanceledException or GrpcException or ChannelClosedException)
        {
            // The stream is over; the test sees it elsewhere.
        }
        finally
        {
            inbox.TryComplete();
        }
    }

    private (int Version, Dictionary<string, Any> Resources) Held(string typeUrl)
    {
        lock (_lock)
            return _types.TryGetValue(typeUrl, out var held) ? held : (0, []);
    }

    private string NextNonce() => $"n{Interlocked.Increment(ref _nonce)}";
}
