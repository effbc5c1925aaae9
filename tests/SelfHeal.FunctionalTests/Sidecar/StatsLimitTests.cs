using System.Diagnostics.Metrics;
using Envoy.Service.Metrics.V3;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using SelfHeal.Core.Control;
using SelfHeal.Core.Series;
using SelfHeal.FunctionalTests.Grpc;
using SelfHeal.FunctionalTests.Lab;
using SelfHeal.Grpc;
using SelfHeal.Sidecar.Config;
using SelfHeal.Sidecar.Judgement;
using Node = Envoy.Config.Core.V3.Node;

namespace SelfHeal.FunctionalTests.Sidecar;

/// <summary>xds.max_streams holds for stats streams.</summary>
internal sealed class StatsLimitTests : GrpcTestBase
{
    private ServiceProvider _meters = null!; // Set before each test.
    private ControlInbox _inbox = null!; // Set before each test.

    [TearDown]
    public void DisposeMeters() => _meters.Dispose();

    [Test]
    public async Task Open_OnePastTheLimit_IsRefusedUntilOneEnds()
    {
        using var first = Open();
        await first.RequestStream.WriteAsync(Message("a")).DefaultTimeout();
        var events = new List<ControlEvent>();
        await Eventually.HoldsAsync(
            () =>
            {
                _inbox.Drain(events);
                return events.Count > 0;
            },
            "the first stream is open");

        using (var second = Open())
        {
            var refused = AssertStatus(GrpcStatusCode.ResourceExhausted, () => second.ReadResponseAsync());
            Assert.That(refused.Status.Message, Does.Contain("xds.max_streams"));
        }

        await first.RequestStream.CompleteAsync().DefaultTimeout();
        await first.ReadResponseAsync().DefaultTimeout();
        using var third = Open();
        await third.RequestStream.WriteAsync(Message("b")).DefaultTimeout();
        await third.RequestStream.CompleteAsync().DefaultTimeout();
        await third.ReadResponseAsync().DefaultTimeout();
    }

    protected override GrpcService[] ExtraServices()
    {
        _meters = new ServiceCollection().AddMetrics().BuildServiceProvider();
        var meters = _meters.GetRequiredService<IMeterFactory>();
        _inbox = new ControlInbox(new FlushBatchPool(), meters);
        var service = new StatsService(
            new XdsOptions { MaxStreams = 1 },
            new DetectionOptions(),
            _inbox,
            new ControlClock(TimeProvider.System),
            meters,
            NullLogger<StatsService>.Instance);
        return [service.Create()];
    }

    private GrpcClientStreamingCall<StreamMetricsMessage, StreamMetricsResponse> Open() =>
        Channel.ClientStreaming<StreamMetricsMessage, StreamMetricsResponse>(
            "envoy.service.metrics.v3.MetricsService/StreamMetrics", StreamMetricsResponse.Parser);

    private static StreamMetricsMessage Message(string node) =>
        new() { Identifier = new StreamMetricsMessage.Types.Identifier { Node = new Node { Id = node } } };
}
