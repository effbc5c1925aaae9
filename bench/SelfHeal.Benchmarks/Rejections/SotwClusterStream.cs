using Envoy.Config.Core.V3;
using Envoy.Service.Discovery.V3;
using Google.Rpc;
using SelfHeal.Grpc;
using SelfHeal.Xds.Resources;

namespace SelfHeal.Benchmarks.Rejections;

/// <summary>State of the world.</summary>
internal sealed class SotwClusterStream(GrpcDuplexCall<DiscoveryRequest, DiscoveryResponse> call, Node node)
    : IClusterStream
{
    public const string Method = RejectingClient.Service + "StreamAggregatedResources";

    private string _accepted = "";
    private string _latest = "";

    public Task SubscribeAsync(CancellationToken cancellationToken) => call.RequestStream
        .WriteAsync(new DiscoveryRequest { Node = node, TypeUrl = TypeUrl.Cluster }, cancellationToken).AsTask();

    public async Task<ClusterPush?> NextAsync(CancellationToken cancellationToken)
    {
        if (!await call.ResponseStream.MoveNextAsync(cancellationToken))
            return null;
        var response = call.ResponseStream.Current;
        _latest = response.VersionInfo;
        return new ClusterPush(response.Nonce, response.Resources, [], IsWhole: true);
    }

    public Task AnswerAsync(string nonce, string? error, CancellationToken cancellationToken)
    {
        if (error is null)
            _accepted = _latest;
        var answer = new DiscoveryRequest
        {
            TypeUrl = TypeUrl.Cluster,
            ResponseNonce = nonce,
            VersionInfo = _accepted,
            ErrorDetail = error is null ? null : new Status { Code = 13, Message = error },
        };
        return call.RequestStream.WriteAsync(answer, cancellationToken).AsTask();
    }

    public void Dispose() => call.Dispose();
}
