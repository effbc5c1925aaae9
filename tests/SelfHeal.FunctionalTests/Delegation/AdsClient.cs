using Envoy.Config.Core.V3;
using Envoy.Service.Discovery.V3;
using Google.Protobuf;
using SelfHeal.Grpc;

namespace SelfHeal.FunctionalTests.Delegation;

/// <summary>One ADS stream to the double or to a real Istiod, on a connection of its own.</summary>
internal sealed class AdsClient<TReq, TRes> : IDisposable
    where TReq : class, IMessage<TReq>
    where TRes : class, IMessage<TRes>
{
    private readonly GrpcChannel _channel;
    private readonly GrpcDuplexCall<TReq, TRes> _call;
    private Node? _node;

    public AdsClient(
        string address,
        MessageParser<TRes> parser,
        string? nodeId,
        GrpcMetadata? headers = null,
        GrpcChannelOptions? options = null)
    {
        _node = nodeId is null ? null : new Node { Id = nodeId };
        _channel = new GrpcChannel(TimeProvider.System, address, options);
        var method = typeof(TReq) == typeof(DeltaDiscoveryRequest) ? "Delta" : "Stream";
        _call = _channel.Duplex<TReq, TRes>(
            $"envoy.service.discovery.v3.AggregatedDiscoveryService/{method}AggregatedResources",
            parser,
            new GrpcCallOptions { Headers = headers });
    }

    /// <summary>Sends a request; the first one with the node.</summary>
    public Task SendAsync(TReq request)
    {
        if (request is DiscoveryRequest sotw)
            sotw.Node ??= _node;
        else if (request is DeltaDiscoveryRequest delta)
            delta.Node ??= _node;
        _node = null;
        return _call.RequestStream.WriteAsync(request).DefaultTimeout();
    }

    public async Task<TRes> ReadAsync()
    {
        Assert.That(await _call.ResponseStream.MoveNextAsync().DefaultTimeout(), Is.True, "the stream has ended");
        return _call.ResponseStream.Current;
    }

    public async Task<TRes> AskAsync(TReq request)
    {
        await SendAsync(request);
        return await ReadAsync();
    }

    /// <summary>Half-closes: everything sent is dealt with, and nothing more has come.</summary>
    public async Task ExpectSilenceAsync()
    {
        await _call.RequestStream.CompleteAsync().DefaultTimeout();
        if (await _call.ResponseStream.MoveNextAsync().DefaultTimeout())
            throw new AssertionException($"silence was expected, and this came: {_call.ResponseStream.Current}");
    }

    /// <summary>The stream ends with a failure, and no response comes before it.</summary>
    public async Task<GrpcStatus> ExpectFailureAsync()
    {
        try
        {
            await _call.ResponseStream.MoveNextAsync().DefaultTimeout();
        }
        catch (GrpcException exception)
        {
            return exception.Status;
        }
        throw new AssertionException("the stream has not failed");
    }

    public void Dispose()
    {
        _call.Dispose();
        _channel.Dispose();
    }
}
