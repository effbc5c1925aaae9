using Envoy.Service.Discovery.V3;
using Google.Protobuf;
using Microsoft.Extensions.Logging;
using SelfHeal.Grpc;
using SelfHeal.Sidecar.Config;
using SelfHeal.Sidecar.Security;
using SelfHeal.Sidecar.Xds;
using SelfHeal.Xds.Delegation;
using SelfHeal.Xds.Sessions;
using SelfHeal.Xds.Snapshots;

namespace SelfHeal.Sidecar.Delegation;

/// <summary>The aggregated xDS service, answered with what an upstream says.</summary>
/// <param name="options">How long clients may take.</param>
/// <param name="admission">Who may open a stream, and for how long.</param>
/// <param name="parts">What all streams share.</param>
/// <param name="logger">Where streams are logged.</param>
internal sealed partial class RelayService(
    XdsOptions options, StreamAdmission admission, RelayParts parts, ILogger<RelayService> logger)
{
    private const int RequestBytesMax = 64 * 1024 * 1024;
    private const int OurVersionLength = 16;
    private const string AgeReached = "the stream has lived as long as it may (xds.max_connection_age)";

    // Names may point at what another server or the bootstrap defines: the upstream answers for that.
    private readonly SnapshotBuilder _builder =
        new(new SnapshotValidator(new SnapshotValidatorOptions { CheckReferences = false }));

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
        GrpcRequestReader<DiscoveryRequest> requests, GrpcResponseWriter<DiscoveryResponse> responses, GrpcCall call) =>
        ServeAsync(call, RelayVariants.StateOfTheWorld, isDelta: false, (stream, session, guard) =>
        {
            return stream.RunAsync(requests, responses, OnRequest);

            void OnRequest(DiscoveryRequest request)
            {
                if (!IsLetThrough(guard.Check(request.Node, request.TypeUrl, request.ResourceNames, leavesNames: true)))
                    return;
                request.Node = guard.NodeFor(request.Node);
                if (request.VersionInfo.Length > 0 && !IsOurs(request.VersionInfo))
                    stream.NoteReturn();
                session.OnRequest(request);
            }
        });

    private Task ServeDeltaAsync(
        GrpcRequestReader<DeltaDiscoveryRequest> requests,
        GrpcResponseWriter<DeltaDiscoveryResponse> responses,
        GrpcCall call) =>
        ServeAsync(call, RelayVariants.Delta, isDelta: true, (stream, session, guard) =>
        {
            return stream.RunAsync(requests, responses, OnRequest);

            void OnRequest(DeltaDiscoveryRequest request)
            {
                var names = request.ResourceNamesSubscribe;
                if (!IsLetThrough(guard.Check(request.Node, request.TypeUrl, names, leavesNames: true)))
                    return;
                request.Node = guard.NodeFor(request.Node);
                // Istiod gives no versions in this variant.
                if (request.InitialResourceVersions.Values.Any(static version => !IsOurs(version)))
                    stream.NoteReturn();
                session.OnRequest(request);
            }
        });

    private async Task ServeAsync<TRequest, TGiven>(
        GrpcCall call,
        RelayVariant<TRequest, TGiven> variant,
        bool isDelta,
        Func<RelayStream<TRequest, TGiven>, RelaySession, StreamGuard, Task> runAsync)
        where TRequest : class, IMessage<TRequest>
        where TGiven : class, IMessage<TGiven>
    {
        var peer = admission.Enter(call, parts.Hub.Count);
        try
        {
            var id = parts.Hub.NextId();
            var guard = admission.Guard(peer);
            var session = new RelaySession(OptionsOf(id, guard), isDelta, _builder, parts.Hub.Overlays);
            var stream = new RelayStream<TRequest, TGiven>(id, session, variant, parts, call);
            parts.Registry.OnOpened(id, new ProxyStreamKind(isDelta, OnlyType: null), stream);
            LogOpened(logger, id, call.Method, call.Peer.Address);
            using var age = admission.DrawAge() is { } max
                ? call.TimeProvider.CreateTimer(_ => stream.End(AgeReached), null, max, Timeout.InfiniteTimeSpan)
                : null;
            try
            {
                await runAsync(stream, session, guard);
            }
            finally
            {
                LogClosed(logger, id);
            }
        }
        finally
        {
            admission.Leave(peer);
        }
    }

    private static bool IsLetThrough(AccessVerdict verdict) => verdict != AccessVerdict.NotThisNode
        ? verdict == AccessVerdict.Allowed
        : throw new GrpcException(
            GrpcStatusCode.PermissionDenied, "this client may not be the node that it says it is");

    private SessionOptions OptionsOf(long id, StreamGuard guard) => new()
    {
        StreamId = $"{parts.Registry.ProcessId}.{id}",
        ControlPlaneIdentifier = parts.Registry.ProcessId,
        AccessOf = _ => guard.Resources,
        MakeBeforeBreakMax = options.AckTimeout,
    };

    private static bool IsOurs(string version) =>
        version.Length == OurVersionLength && version.All(char.IsAsciiHexDigitLower);
}
