using System.Diagnostics.Metrics;
using Envoy.Data.Accesslog.V3;
using Envoy.Service.Accesslog.V3;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using SelfHeal.Core.AccessLogs;
using SelfHeal.Core.Control;
using SelfHeal.Core.Series;
using SelfHeal.FunctionalTests.Grpc;
using SelfHeal.FunctionalTests.Lab;
using SelfHeal.Grpc;
using SelfHeal.Sidecar.Config;
using SelfHeal.Sidecar.Judgement;
using SelfHeal.Sidecar.Traffic;
using Node = Envoy.Config.Core.V3.Node;

namespace SelfHeal.FunctionalTests.Sidecar.Traffic;

/// <summary>Access log streams on real sockets.</summary>
[CancelAfter(60_000)]
internal sealed class AccessLogServiceTests : GrpcTestBase
{
    private readonly List<ControlEvent> _events = [];
    private ServiceProvider _services = null!; // Set before each test.
    private ControlInbox _inbox = null!; // Set before each test.

    [SetUp]
    public void ClearEvents() => _events.Clear();

    [TearDown]
    public ValueTask DisposeServicesAsync() => _services.DisposeAsync();

    [Test]
    public async Task Stream_Entries_ReachTheInboxAsCounts()
    {
        using var call = Open();
        await SendAsync(call, Message("edge-1", 3));
        await SendAsync(call, Message(null, 2));
        await call.RequestStream.CompleteAsync().DefaultTimeout();
        await call.ReadResponseAsync().DefaultTimeout();

        await EventsAsync(2);
        var counts = _events.Cast<ControlEvent.AccessLogged>().Select(static e => e.Batch.Counts.Single());
        var key = new AccessLogKey("payments", "", "");
        Assert.That(
            counts,
            Is.EqualTo(new[]
            {
                new AccessLogCount(key, ResponseFlagCodes.Bit(ResponseFlag.NoHealthyUpstream), 5, 3),
                new AccessLogCount(key, ResponseFlagCodes.Bit(ResponseFlag.NoHealthyUpstream), 5, 2),
            }));
    }

    [Test]
    public async Task Stream_WithoutANode_IsInvalid()
    {
        using var call = Open();
        await SendAsync(call, Message(null, 1));

        var refused = AssertStatus(GrpcStatusCode.InvalidArgument, () => call.ReadResponseAsync());

        Assert.That(refused.Status.Message, Does.Contain("identifier.node.id"));
    }

    [Test]
    public async Task Open_OnePastTheLimit_IsRefused()
    {
        using var first = Open();
        await SendAsync(first, Message("edge-1", 1));
        await EventsAsync(1);
        using var second = Open();

        var refused = AssertStatus(GrpcStatusCode.ResourceExhausted, () => second.ReadResponseAsync());

        Assert.That(refused.Status.Message, Does.Contain("xds.max_streams"));
    }

    [Test]
    public async Task Stop_OpenStream_EndsWithUnavailable()
    {
        using var call = Open();
        await SendAsync(call, Message("edge-1", 1));
        await EventsAsync(1);

        var stopping = Server.StopAsync();

        AssertStatus(GrpcStatusCode.Unavailable, () => call.ReadResponseAsync());
        await stopping.DefaultTimeout();
    }

    protected override GrpcService[] ExtraServices()
    {
        _services = new ServiceCollection().AddMetrics().BuildServiceProvider();
        var meters = _services.GetRequiredService<IMeterFactory>();
        _inbox = new ControlInbox(new FlushBatchPool(), meters);
        return
        [
            new AccessLogService(
                new XdsOptions { MaxStreams = 1 }, _inbox, meters, NullLogger<AccessLogService>.Instance).Create(),
        ];
    }

    private static StreamAccessLogsMessage Message(string? node, int entries)
    {
        var message = new StreamAccessLogsMessage { HttpLogs = new() };
        if (node is not null)
            message.Identifier = new() { Node = new Node { Id = node }, LogName = "selfheal" };
        for (var i = 0; i < entries; i++)
        {
            message.HttpLogs.LogEntry.Add(new HTTPAccessLogEntry
            {
                CommonProperties = new AccessLogCommon
                {
                    UpstreamCluster = "payments",
                    ResponseFlags = new ResponseFlags { NoHealthyUpstream = true },
                },
                Response = new HTTPResponseProperties { ResponseCode = 503 },
            });
        }

        return message;
    }

    private static Task SendAsync(
        GrpcClientStreamingCall<StreamAccessLogsMessage, StreamAccessLogsResponse> call,
        StreamAccessLogsMessage message) =>
        call.RequestStream.WriteAsync(message).DefaultTimeout();

    private GrpcClientStreamingCall<StreamAccessLogsMessage, StreamAccessLogsResponse> Open() =>
        Channel.ClientStreaming<StreamAccessLogsMessage, StreamAccessLogsResponse>(
            "envoy.service.accesslog.v3.AccessLogService/StreamAccessLogs", StreamAccessLogsResponse.Parser);

    private Task EventsAsync(int count) => Eventually.HoldsAsync(
        () =>
        {
            var events = new List<ControlEvent>();
            _inbox.Drain(events);
            _events.AddRange(events);
            return _events.Count >= count;
        },
        $"{count} events");
}
