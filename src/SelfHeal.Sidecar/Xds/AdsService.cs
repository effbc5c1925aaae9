using Envoy.Service.Discovery.V3;
using Microsoft.Extensions.Logging;
using SelfHeal.Grpc;
using SelfHeal.Sidecar.Config;
using SelfHeal.Sidecar.Judgement;
using SelfHeal.Sidecar.Security;
using SelfHeal.Xds.Sessions;

namespace SelfHeal.Sidecar.Xds;

/// <summary>
/// The xDS services, in both variants: <c>envoy.service.discovery.v3.AggregatedDiscoveryService</c> and those that
/// serve one type each.
/// </summary>
/// <param name="options">How long clients may take.</param>
/// <param name="admission">Who may open a stream, and for how long.</param>
/// <param name="hub">The open streams.</param>
/// <param name="registry">Who holds what.</param>
/// <param name="clock">The time that sessions are told.</param>
/// <param name="logger">Where streams are logged.</param>
internal sealed partial class AdsService(
    XdsOptions options,
    StreamAdmission admission,
    StreamHub hub,
    ProxyRegistry registry,
    ControlClock clock,
    ILogger<AdsService> logger)
{
    // The first delta request of a large Envoy names everything that it holds (Envoy Gateway, issue 9564): more than
    // the 4 MiB that gRPC allows by default.
    private const int RequestBytesMax = 64 * 1024 * 1024;

    private const string AgeReached = "the stream has lived as long as it may (xds.max_connection_age)";

    private static readonly GrpcServiceOptions Limits = new() { MaxReceiveMessageBytes = RequestBytesMax };

    /// <summary>The aggregated service, to be mapped.</summary>
    public GrpcService Create() => Create(
        "envoy.service.discovery.v3.AggregatedDiscoveryService",
        onlyType: null,
        "StreamAggregatedResources",
        "DeltaAggregatedResources");

    /// <summary>The services of one type each, to be mapped.</summary>
    public GrpcService[] CreateTyped() => [.. TypedService.All.Select(CreateTyped)];

    /// <summary>The service of one type, to be mapped.</summary>
    /// <param name="service">Which.</param>
    public GrpcService CreateTyped(TypedService service)
    {
        ArgumentNullException.ThrowIfNull(service);
        return Create(service.Name, service.TypeUrl, service.StreamMethod, service.DeltaMethod);
    }

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
        string? onlyType) => ServeAsync(call, new ProxyStreamKind(Delta: false, onlyType), (id, guard) =>
    {
        var session = new AdsSession(OptionsOf(id, onlyType, guard));
        var stream = new AdsStream(id, session, hub, registry, clock);
        return (stream, () => stream.RunAsync(requests, responses, OnRequest, call));

        void OnRequest(DiscoveryRequest request)
        {
            var type = onlyType ?? request.TypeUrl;
            if (!IsLetThrough(guard.Check(request.Node, type, request.ResourceNames, leavesNames: true), onlyType))
                return;
            request.Node = guard.NodeFor(request.Node);
            session.OnRequest(request);
        }
    });

    private Task ServeDeltaAsync(
        GrpcRequestReader<DeltaDiscoveryRequest> requests,
        GrpcResponseWriter<DeltaDiscoveryResponse> responses,
        GrpcCall call,
        string? onlyType) => ServeAsync(call, new ProxyStreamKind(Delta: true, onlyType), (id, guard) =>
    {
        var session = new DeltaAdsSession(OptionsOf(id, onlyType, guard));
        var stream = new AdsStream(id, session, hub, registry, clock);
        return (stream, () => stream.RunAsync(requests, responses, OnRequest, call));

        void OnRequest(DeltaDiscoveryRequest request)
        {
            var type = onlyType ?? request.TypeUrl;
            var names = request.ResourceNamesSubscribe;
            if (!IsLetThrough(guard.Check(request.Node, type, names, leavesNames: true), onlyType))
                return;
            request.Node = guard.NodeFor(request.Node);
            session.OnRequest(request);
        }
    });

    private async Task ServeAsync(
        GrpcCall call,
        ProxyStreamKind kind,
        Func<long, StreamGuard, (AdsStream Stream, Func<Task> RunAsync)> create)
    {
        var peer = admission.Enter(call, hub.Count);
        try
        {
            var (stream, runAsync) = create(hub.NextId(), admission.Guard(peer));
            registry.OnOpened(stream.Id, kind, stream);
            LogOpened(logger, stream.Id, call.Method, call.Peer.Address);
            using var age = StartAge(stream, call.TimeProvider);
            try
            {
                await runAsync();
            }
            finally
            {
                LogClosed(logger, stream.Id);
            }
        }
        finally
        {
            admission.Leave(peer);
        }
    }

    private ITimer? StartAge(AdsStream stream, TimeProvider time) => admission.DrawAge() is { } age
        ? time.CreateTimer(_ => stream.End(AgeReached), null, age, Timeout.InfiniteTimeSpan)
        : null;

    private static bool IsLetThrough(AccessVerdict verdict, string? onlyType) => verdict switch
    {
        AccessVerdict.NotThisNode => throw new GrpcException(
            GrpcStatusCode.PermissionDenied, "this client may not be the node that it says it is"),
        AccessVerdict.NotThisType when onlyType is not null => throw new GrpcException(
            GrpcStatusCode.PermissionDenied, $"this node may not ask for {onlyType}"),
        _ => verdict == AccessVerdict.Allowed,
    };

    private SessionOptions OptionsOf(long id, string? onlyType, StreamGuard guard) => new()
    {
        StreamId = $"{registry.ProcessId}.{id}",
        ControlPlaneIdentifier = registry.ProcessId,
        FixedTypeUrl = onlyType,
        AccessOf = _ => guard.Resources,
        MakeBeforeBreakMax = options.AckTimeout,
    };
}
