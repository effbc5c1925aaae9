using System.Net;
using System.Net.Sockets;
using Envoy.Service.Discovery.V3;
using Envoy.Service.Metrics.V3;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using SelfHeal.FunctionalTests.Lab;
using SelfHeal.Grpc;
using SelfHeal.Xds.Resources;

namespace SelfHeal.FunctionalTests.EndToEnd;

/// <summary>
/// Bad bytes and bad messages on the gRPC port: each ends its own call with the right status, is counted, and nothing
/// else notices.
/// </summary>
[CancelAfter(60_000)]
[Parallelizable(ParallelScope.Self)]
internal sealed class BadFrameTests : GatewayFixture
{
    private const string Ended = "selfheal_grpc_server_calls_ended_total";

    private GrpcChannel _channel = null!; // Set before the tests.

    [OneTimeSetUp]
    public void Connect() =>
        _channel = new GrpcChannel(TimeProvider.System, $"http://127.0.0.1:{Gateway.Ports.Xds}");

    [OneTimeTearDown]
    public void Disconnect() => _channel?.Dispose();

    [Test]
    public async Task Send_BadFrame_IsRefusedAndCounted(
        [ValueSource(typeof(XdsMethods), nameof(XdsMethods.All))] string method,
        [ValueSource(typeof(BadFrame), nameof(BadFrame.All))] BadFrame bad,
        CancellationToken cancellationToken)
    {
        // The stats path reads the wire itself and says at which byte it is wrong.
        var expected = method is XdsMethods.Metrics && bad.Name is "not protobuf"
            ? GrpcStatusCode.InvalidArgument
            : bad.Status;
        var before = await RejectedAsync(method, expected, cancellationToken);
        using var call = _channel.Duplex<Empty, Empty>(method, Empty.Parser, options: null, cancellationToken);
        await call.RequestStream.WriteUnframedAsync(bad.Bytes, cancellationToken);
        if (bad.Ends)
            await call.RequestStream.CompleteAsync(cancellationToken);
        var status = await EndAsync(call, cancellationToken);

        Assert.That(status.Code, Is.EqualTo(expected), status.Message);
        Assert.That(status.Message, Is.Not.Empty);
        Assert.That(await RejectedAsync(method, expected, cancellationToken), Is.EqualTo(before + 1));
    }

    [Test]
    public async Task StreamMetrics_NoIdentifier_IsInvalidAndCounted(CancellationToken cancellationToken)
    {
        const string Refused = "selfheal_stats_refused_total";
        var before = await Gateway.Admin.MetricAsync(Refused, cancellationToken);
        using var call = _channel.Duplex<StreamMetricsMessage, Empty>(
            XdsMethods.Metrics, Empty.Parser, options: null, cancellationToken);
        var message = new StreamMetricsMessage();
        message.EnvoyMetrics.Add(new Io.Prometheus.Client.MetricFamily { Name = "cluster.x.upstream_rq_5xx" });
        await call.RequestStream.WriteAsync(message, cancellationToken);
        var status = await EndAsync(call, cancellationToken);

        Assert.That(status.Code, Is.EqualTo(GrpcStatusCode.InvalidArgument));
        Assert.That(status.Message, Does.Contain("identifier").IgnoreCase);
        Assert.That(await Gateway.Admin.MetricAsync(Refused, cancellationToken), Is.EqualTo(before + 1));
    }

    [TestCase("no.such.Service/Method")]
    [TestCase(XdsMethods.AccessLogs)] // Nobody has asked for it.
    [TestCase("envoy.service.discovery.v3.AggregatedDiscoveryService/NoSuchMethod")]
    public async Task Call_UnknownMethod_IsUnimplementedAndCounted(string method, CancellationToken cancellationToken)
    {
        string[] labels = ["method=\"unknown\"", "status=\"Unimplemented\""];
        var before = await Gateway.Admin.MetricAsync(Ended, cancellationToken, labels);
        using var call = _channel.Duplex<Empty, Empty>(method, Empty.Parser, options: null, cancellationToken);
        var status = await EndAsync(call, cancellationToken);

        Assert.That(status.Code, Is.EqualTo(GrpcStatusCode.Unimplemented));
        Assert.That(status.Message, Is.EqualTo($"unknown method /{method}"));
        Assert.That(await Gateway.Admin.MetricAsync(Ended, cancellationToken, labels), Is.EqualTo(before + 1));
    }

    [Test]
    public Task StateOfTheWorld_NoNodeId_IsInvalidAndCounted(CancellationToken cancellationToken) => NoNodeIdAsync(
        XdsMethods.StateOfTheWorld, new DiscoveryRequest { TypeUrl = TypeUrl.Cluster }, cancellationToken);

    [Test]
    public Task Delta_NoNodeId_IsInvalidAndCounted(CancellationToken cancellationToken) => NoNodeIdAsync(
        XdsMethods.Delta, new DeltaDiscoveryRequest { TypeUrl = TypeUrl.Cluster }, cancellationToken);

    [Test]
    public async Task Connect_NotHttp2_IsClosed(CancellationToken cancellationToken)
    {
        using var client = new TcpClient { NoDelay = true };
        await client.ConnectAsync(IPAddress.Loopback, Gateway.Ports.Xds, cancellationToken);
        var stream = client.GetStream();
        await stream.WriteAsync("\0\u0001not a protocol that anybody speaks\r\n\r\n"u8.ToArray(), cancellationToken);
        var answer = new byte[4096];
        await Eventually.HoldsAsync(
            async () => await ReadAsync(stream, answer, cancellationToken) == 0, "it is closed", Gateway.Patience);
    }

    private static async Task<int> ReadAsync(NetworkStream stream, byte[] buffer, CancellationToken cancellationToken)
    {
        try
        {
            return await stream.ReadAsync(buffer, cancellationToken);
        }
        catch (IOException)
        {
            return 0; // A reset closes it as well.
        }
    }

    private async Task NoNodeIdAsync<TRequest>(string method, TRequest request, CancellationToken cancellationToken)
        where TRequest : class, IMessage<TRequest>
    {
        string[] labels = [$"method=\"/{method}\"", "status=\"InvalidArgument\""];
        var before = await Gateway.Admin.MetricAsync(Ended, cancellationToken, labels);
        using var call = _channel.Duplex<TRequest, Empty>(method, Empty.Parser, options: null, cancellationToken);
        await call.RequestStream.WriteAsync(request, cancellationToken);
        var status = await EndAsync(call, cancellationToken);

        Assert.That(status.Code, Is.EqualTo(GrpcStatusCode.InvalidArgument));
        Assert.That(status.Message, Is.EqualTo("the first request of a stream must carry node.id"));
        Assert.That(await Gateway.Admin.MetricAsync(Ended, cancellationToken, labels), Is.EqualTo(before + 1));
    }

    private Task<double> RejectedAsync(string method, GrpcStatusCode code, CancellationToken cancellationToken) =>
        Gateway.Admin.MetricAsync(
            "selfheal_grpc_server_messages_rejected_total",
            cancellationToken,
            $"method=\"/{method}\"",
            $"status=\"{code}\"");

    /// <summary>Reads until the call has ended, which it must do by itself with a status that is not OK.</summary>
    private static async Task<GrpcStatus> EndAsync<TRequest>(
        GrpcDuplexCall<TRequest, Empty> call, CancellationToken cancellationToken)
        where TRequest : class, IMessage<TRequest>
    {
        try
        {
            while (await call.ResponseStream.MoveNextAsync(cancellationToken).DefaultTimeout())
            {
                // A service may answer what came before.
            }

            return GrpcStatus.Ok;
        }
        catch (GrpcException exception)
        {
            return exception.Status;
        }
    }
}
