using Envoy.Config.Core.V3;
using Envoy.Service.Discovery.V3;
using Google.Rpc;
using SelfHeal.Grpc;
using SelfHeal.Xds.Resources;

namespace SelfHeal.Benchmarks.Rejections;

/// <summary>Incremental.</summary>
internal sealed class DeltaClusterStream(GrpcDuplexCall<DeltaDiscoveryRequest, DeltaDiscoveryResponse> call, Node node)
    : IClusterStream
{
    public Task SubscribeAsync(CancellationToken cancellationToken) => call.RequestStream
        .WriteAsync(new DeltaDiscoveryRequest { Node = node, TypeUrl = TypeUrl.Cluster }, cancellationToken).AsTask();

    public async Task<ClusterPush?> NextAsync(CancellationToken cancellationToken)
    {
        if (!await call.ResponseStream.MoveNextAsync(cancellationToken))
            return null;
        var response = call.ResponseStream.Current;
        return new ClusterPush(
            response.Nonce,
            [.. response.Resources.Select(static resource => resource.Resource_)],
            response.RemovedResources,
            IsWhole: false);
    }

    public Task AnswerAsync(string nonce, string? error, CancellationToken cancellationToken)
    {
        var answer = new DeltaDiscoveryRequest
        {
            TypeUrl = TypeUrl.Cluster,
            ResponseNonce = nonce,
            ErrorDetail = error is null ? null : new Status { Code = 13, Message = error },
        };
        return call.RequestStream.WriteAsync(answer, cancellationToken).AsTask();
    }

    public void Dispose() => call.Dispose();
}
