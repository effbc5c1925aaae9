using Envoy.Config.Core.V3;
using Envoy.Service.Discovery.V3;
using Envoy.Service.Metrics.V3;
using Google.Protobuf;
using SelfHeal.Grpc;
using SelfHeal.Xds.Resources;

namespace SelfHeal.FunctionalTests.EndToEnd;

/// <summary>SIGTERM with streams open and traffic under way.</summary>
[CancelAfter(60_000)]
[Parallelizable(ParallelScope.All)]
internal sealed class StopTests
{
    /// <summary>
    /// Every stream ends with UNAVAILABLE, the process with 0 within 5 s, and Envoy goes on with what it has.
    /// </summary>
    [Test]
    public async Task Sigterm_OpenStreams_EndUnavailableAndTrafficGoesOn(CancellationToken cancellationToken)
    {
        await using var gateway = await Gateway.StartAsync(new GatewayOptions(), cancellationToken);
        var digest = await gateway.DataPlane.RouteDigestAsync(Gateway.Routes, cancellationToken);
        using var channel = new GrpcChannel(TimeProvider.System, $"http://127.0.0.1:{gateway.Ports.Xds}");
        using var sotw = channel.Duplex<DiscoveryRequest, DiscoveryResponse>(
            XdsMethods.StateOfTheWorld, DiscoveryResponse.Parser, options: null, cancellationToken);
        using var delta = channel.Duplex<DeltaDiscoveryRequest, DeltaDiscoveryResponse>(
            XdsMethods.Delta, DeltaDiscoveryResponse.Parser, options: null, cancellationToken);
        using var stats = channel.ClientStreaming<StreamMetricsMessage, StreamMetricsResponse>(
            XdsMethods.Metrics, StreamMetricsResponse.Parser, options: null, cancellationToken);
        var node = new Node { Id = "probe", Cluster = "lab" };
        await OpenAsync(sotw, new DiscoveryRequest { Node = node, TypeUrl = TypeUrl.Cluster }, cancellationToken);
        await OpenAsync(delta, new DeltaDiscoveryRequest { Node = node, TypeUrl = TypeUrl.Cluster }, cancellationToken);
        await stats.RequestStream.WriteAsync(
            new StreamMetricsMessage { Identifier = new() { Node = node } }, cancellationToken);
        await gateway.Admin.FlushesAsync(1, cancellationToken);

        var sotwEnds = sotw.ResponseStream.MoveNextAsync(cancellationToken).AsTask();
        var deltaEnds = delta.ResponseStream.MoveNextAsync(cancellationToken).AsTask();
        var statsEnd = stats.ReadResponseAsync();
        var took = await gateway.Serve.StopAsync(cancellationToken);
        await gateway.AnswersAsync(200);

        TestContext.Out.WriteLine($"SIGTERM to exit: {took.TotalMilliseconds:0} ms");
        using (Assert.EnterMultipleScope())
        {
            AssertUnavailable(sotwEnds);
            AssertUnavailable(deltaEnds);
            AssertUnavailable(statsEnd);
            Assert.That(gateway.Serve.ExitCode, Is.Zero);
            Assert.That(took, Is.LessThan(TimeSpan.FromSeconds(5)));
            Assert.That(gateway.Load.Snapshot().Failed, Is.Zero, "failing responses");
            Assert.That(
                await gateway.DataPlane.RouteDigestAsync(Gateway.Routes, cancellationToken), Is.EqualTo(digest));
        }
    }

    private static async Task OpenAsync<TRequest, TResponse>(
        GrpcDuplexCall<TRequest, TResponse> call, TRequest request, CancellationToken cancellationToken)
        where TRequest : class, IMessage<TRequest>
        where TResponse : class, IMessage<TResponse>
    {
        await call.RequestStream.WriteAsync(request, cancellationToken);
        Assert.That(await call.ResponseStream.MoveNextAsync(cancellationToken), Is.True, "the stream is served");
    }

    private static void AssertUnavailable(Task call)
    {
        var exception = Assert.ThrowsAsync<GrpcException>(() => call.DefaultTimeout());
        Assert.That(exception?.Status, Is.EqualTo(GrpcShutdown.Status));
    }
}
