using System.Diagnostics;
using Envoy.Config.Core.V3;
using Envoy.Config.Route.V3;
using Envoy.Service.Discovery.V3;
using Google.Protobuf;
using SelfHeal.Grpc;
using SelfHeal.Xds.Resources;

namespace SelfHeal.FunctionalTests.EndToEnd;

/// <summary>What the very first response with routes carried.</summary>
/// <param name="Bytes">The encoded resource.</param>
/// <param name="Weights">Its weights by cluster.</param>
/// <param name="Elapsed">From the first attempt to connect.</param>
internal sealed record RouteProbe(ByteString Bytes, IReadOnlyDictionary<string, uint> Weights, TimeSpan Elapsed)
{
    /// <summary>
    /// Asks for the routes as a proxy that has nothing yet, again and again until the server is there; answers nothing
    /// and leaves.
    /// </summary>
    public static async Task<RouteProbe> ReadAsync(int port, CancellationToken cancellationToken)
    {
        var start = Stopwatch.GetTimestamp();
        using var channel = new GrpcChannel(TimeProvider.System, $"http://127.0.0.1:{port}");
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(5));
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(Gateway.Patience);
        while (true)
        {
            try
            {
                var any = await FirstAsync(channel, patience.Token);
                var weights = RouteConfiguration.Parser.ParseFrom(any).VirtualHosts
                    .SelectMany(static host => host.Routes)
                    .SelectMany(static route => route.Route_?.WeightedClusters?.Clusters ?? [])
                    .ToDictionary(static c => c.Name, static c => c.Weight ?? 0, StringComparer.Ordinal);
                return new RouteProbe(any, weights, Stopwatch.GetElapsedTime(start));
            }
            catch (GrpcException exception) when (exception.Status.Code == GrpcStatusCode.Unavailable)
            {
                await timer.WaitForNextTickAsync(patience.Token); // It does not listen yet.
            }
        }
    }

    private static async Task<ByteString> FirstAsync(GrpcChannel channel, CancellationToken cancellationToken)
    {
        using var call = channel.Duplex<DiscoveryRequest, DiscoveryResponse>(
            XdsMethods.StateOfTheWorld, DiscoveryResponse.Parser, options: null, cancellationToken);
        var request = new DiscoveryRequest { Node = new Node { Id = "probe" }, TypeUrl = TypeUrl.RouteConfiguration };
        request.ResourceNames.Add(Gateway.Routes);
        await call.RequestStream.WriteAsync(request, cancellationToken);
        Assert.That(await call.ResponseStream.MoveNextAsync(cancellationToken), Is.True, "a response came");
        return call.ResponseStream.Current.Resources.Single().Value;
    }
}
