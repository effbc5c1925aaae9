using Envoy.Service.Discovery.V3;
using Microsoft.Extensions.Logging;
using SelfHeal.Grpc;
using SelfHeal.Sidecar.Config;
using SelfHeal.Sidecar.Judgement;
using SelfHeal.Xds.Sessions;

namespace SelfHeal.Sidecar.Xds;

/// <summary><c>envoy.service.discovery.v3.AggregatedDiscoveryService</c>, both variants.</summary>
/// <param name="options">Limits.</param>
/// <param name="hub">The open streams.</param>
/// <param name="registry">Who holds what.</param>
/// <param name="clock">The time that sessions are told.</param>
/// <param name="logger">Where streams are logged.</param>
internal sealed partial class AdsService(
    XdsOptions options, StreamHub hub, ProxyRegistry registry, ControlClock clock, ILogger<AdsService> logger)
{
    // The first delta request of a large Envoy names everything that it holds (Envoy Gateway, issue 9564): more than
    // the 4 MiB that gRPC allows by default.
    private const int RequestBytesMax = 64 * 1024 * 1024;

    /// <summary>The service, to be mapped.</summary>
    public GrpcService Create() =>
        new GrpcService(
                "envoy.service.discovery.v3.AggregatedDiscoveryService",
                new GrpcServiceOptions { MaxReceiveMessageBytes = RequestBytesMax })
            .Duplex<DiscoveryRequest, DiscoveryResponse>(
                "StreamAggregatedResources", DiscoveryRequest.Parser, ServeStateOfTheWorldAsync)
            .Duplex<DeltaDiscoveryRequest, DeltaDiscoveryResponse>(
                "DeltaAggregatedResources", DeltaDiscoveryRequest.Parser, ServeDeltaAsync);

    private Task ServeStateOfTheWorldAsync(
        GrpcRequestReader<DiscoveryRequest> requests, GrpcResponseWriter<DiscoveryResponse> responses, GrpcCall call)
    {
        var (id, sessionOptions) = Admit();
        var session = new AdsSession(sessionOptions);
        var stream = new AdsStream(id, session, hub, registry, clock);
        return ServeAsync(stream, requests, responses, session.OnRequest, call);
    }

    private Task ServeDeltaAsync(
        GrpcRequestReader<DeltaDiscoveryRequest> requests,
        GrpcResponseWriter<DeltaDiscoveryResponse> responses,
        GrpcCall call)
    {
        var (id, sessionOptions) = Admit();
        var session = new DeltaAdsSession(sessionOptions);
        var stream = new AdsStream(id, session, hub, registry, clock);
        return ServeAsync(stream, requests, responses, session.OnRequest, call);
    }

    private async Task ServeAsync<TRequest, TResponse>(
        AdsStream stream,
        GrpcRequestReader<TRequest> requests,
        GrpcResponseWriter<TResponse> responses,
        Action<TRequest> onRequest,
        GrpcCall call)
        where TRequest : class, Google.Protobuf.IMessage<TRequest>
        where TResponse : class, Google.Protobuf.IMessage<TResponse>
    {
        LogOpened(logger, stream.Id, call.Method, call.Peer.Address);
        try
        {
            await stream.RunAsync(requests, responses, onRequest, call);
        }
        finally
        {
            LogClosed(logger, stream.Id);
        }
    }

    private (long Id, SessionOptions Options) Admit()
    {
        if (hub.Count >= options.MaxStreams)
        {
            LogRefused(logger, options.MaxStreams);
            throw new GrpcException(
                GrpcStatusCode.ResourceExhausted,
                $"{options.MaxStreams} xDS streams are open, the limit (xds.max_streams)");
        }

        var id = hub.NextId();
        return (id, new SessionOptions
        {
            StreamId = $"{registry.ProcessId}.{id}",
            ControlPlaneIdentifier = registry.ProcessId,
            MakeBeforeBreakMax = options.AckTimeout,
        });
    }
}
