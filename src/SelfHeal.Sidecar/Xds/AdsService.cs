using Envoy.Service.Discovery.V3;
using Microsoft.Extensions.Logging;
using SelfHeal.Grpc;
using SelfHeal.Sidecar.Config;
using SelfHeal.Sidecar.Judgement;
using SelfHeal.Xds.Sessions;

namespace SelfHeal.Sidecar.Xds;

/// <summary>
/// The xDS services, in both variants: <c>envoy.service.discovery.v3.AggregatedDiscoveryService</c> and those that
/// serve one type each.
/// </summary>
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

    private static readonly GrpcServiceOptions Limits = new() { MaxReceiveMessageBytes = RequestBytesMax };

    /// <summary>The aggregated service, to be mapped.</summary>
    public GrpcService Create() => Create(
        "envoy.service.discovery.v3.AggregatedDiscoveryService",
        onlyType: null,
        "StreamAggregatedResources",
        "DeltaAggregatedResources");

    /// <summary>The services of one type each, to be mapped.</summary>
    public GrpcService[] CreateTyped() =>
        [.. TypedService.All.Select(s => Create(s.Name, s.TypeUrl, s.StreamMethod, s.DeltaMethod))];

    private GrpcService Create(string name, string? onlyType, string? streamMethod, string deltaMethod)
    {
        var service = new GrpcService(name, Limits);
        if (streamMethod is not null)
        {
            service.Duplex<DiscoveryRequest, DiscoveryResponse>(
                streamMethod,
                DiscoveryRequest.Parser,
                (requests, responses, call) => ServeStateOfTheWorldAsync(requests, responses, call, onlyType));
        }

        return service.Duplex<DeltaDiscoveryRequest, DeltaDiscoveryResponse>(
            deltaMethod,
            DeltaDiscoveryRequest.Parser,
            (requests, responses, call) => ServeDeltaAsync(requests, responses, call, onlyType));
    }

    private Task ServeStateOfTheWorldAsync(
        GrpcRequestReader<DiscoveryRequest> requests,
        GrpcResponseWriter<DiscoveryResponse> responses,
        GrpcCall call,
        string? onlyType)
    {
        var (id, sessionOptions) = Admit(onlyType);
        var session = new AdsSession(sessionOptions);
        var stream = new AdsStream(id, session, hub, registry, clock);
        registry.OnOpened(id, new ProxyStreamKind(Delta: false, onlyType));
        return ServeAsync(stream, requests, responses, session.OnRequest, call);
    }

    private Task ServeDeltaAsync(
        GrpcRequestReader<DeltaDiscoveryRequest> requests,
        GrpcResponseWriter<DeltaDiscoveryResponse> responses,
        GrpcCall call,
        string? onlyType)
    {
        var (id, sessionOptions) = Admit(onlyType);
        var session = new DeltaAdsSession(sessionOptions);
        var stream = new AdsStream(id, session, hub, registry, clock);
        registry.OnOpened(id, new ProxyStreamKind(Delta: true, onlyType));
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

    private (long Id, SessionOptions Options) Admit(string? onlyType)
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
            FixedTypeUrl = onlyType,
            MakeBeforeBreakMax = options.AckTimeout,
        });
    }
}
