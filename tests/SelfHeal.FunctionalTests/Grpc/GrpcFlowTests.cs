using System.Diagnostics.Metrics;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using SelfHeal.Grpc;

namespace SelfHeal.FunctionalTests.Grpc;

/// <summary>Large messages, long streams, clients that do not read.</summary>
internal sealed class GrpcFlowTests : GrpcTestBase
{
    private const int Mebibyte = 1024 * 1024;

    private static readonly ReadOnlyMemory<byte> Shared = new byte[16 * Mebibyte];

    private TaskCompletionSource<GrpcCancelReason> _cancelled = new();
    private RefusingHandler _refusing = new();

    protected override GrpcService[] ExtraServices()
    {
        _cancelled = new TaskCompletionSource<GrpcCancelReason>(TaskCreationOptions.RunContinuationsAsynchronously);
        _refusing = new RefusingHandler();
        return [FlowService(), EchoService.Create()];
    }

    [Test]
    public async Task Raw_OneStreamPast100Megabytes_EveryByteCounted()
    {
        // BytesValue: a tag, four bytes of length, then the bytes.
        var message = new BytesValue { Value = ByteString.CopyFrom(new byte[3 * Mebibyte]) }.ToByteArray();
        using var call = Channel.ClientStreaming<BytesValue, Int64Value>("selfheal.test.Echo/Sink", Int64Value.Parser);
        for (var i = 0; i < 40; i++)
            await call.RequestStream.WriteRawAsync(message).DefaultTimeout();
        await call.RequestStream.CompleteAsync().DefaultTimeout();
        Assert.That((await call.ReadResponseAsync().DefaultTimeout()).Value, Is.EqualTo(120L * Mebibyte));
    }

    [TestCase(false, GrpcStatusCode.InvalidArgument, "bad payload")]
    [TestCase(true, GrpcStatusCode.Internal, "the handler failed")]
    public async Task Raw_HandlerRefusesOrFails_StatusWhileTheStreamIsOpen(bool fails, GrpcStatusCode code, string text)
    {
        ExpectedErrors = fails ? 1 : 0;
        _refusing.Fails = fails;
        using var call = Channel.ClientStreaming<StringValue, StringValue>("selfheal.test.Flow/Refusing",
            StringValue.Parser);
        await call.RequestStream.WriteAsync(new StringValue { Value = "x" }).DefaultTimeout();
        var exception = AssertStatus(code, call.ReadResponseAsync);
        Assert.That(exception.Status.Message, Is.EqualTo(text));
        Assert.That((await _refusing.Ended.Task.DefaultTimeout()).Code, Is.EqualTo(code));
    }

    [Test]
    public async Task Raw_ClientCancels_HandlerIsTold()
    {
        using var call = Channel.ClientStreaming<StringValue, StringValue>("selfheal.test.Flow/Refusing",
            StringValue.Parser);
        await call.RequestStream.WriteUnframedAsync(new byte[] { 0, 0 }).DefaultTimeout();
        call.Cancel();
        AssertStatus(GrpcStatusCode.Cancelled, call.ReadResponseAsync);
        Assert.That((await _refusing.Ended.Task.DefaultTimeout()).Code, Is.EqualTo(GrpcStatusCode.Cancelled));
    }

    [Test]
    public async Task Payload_SharedToManyStreams_MemoryStaysBounded()
    {
        var before = GC.GetTotalMemory(forceFullCollection: true); // With what other tests left.
        var calls = Enumerable.Range(0, 8)
            .Select(_ => StartLarge(-1))
            .ToList();
        foreach (var call in calls)
            await call.ReadHeadersAsync().DefaultTimeout();
        // Nobody reads: each stream may hold a slice and what the connection's windows let through, not its 32 MiB.
        Assert.That(GC.GetTotalMemory(forceFullCollection: true) - before, Is.LessThan(100 * Mebibyte));
        calls.ForEach(c => c.Dispose());
    }

    [Test]
    public async Task Payload_32Mebibytes_ArrivesWhole()
    {
        using var call = StartLarge(1);
        Assert.That(await call.ResponseStream.MoveNextAsync().DefaultTimeout(), Is.True);
        Assert.That(call.ResponseStream.Current.Value, Has.Length.EqualTo(32 * Mebibyte));
        Assert.That(await call.ResponseStream.MoveNextAsync().DefaultTimeout(), Is.False);
    }

    [Test]
    public async Task Client_NeverReadsItsStream_CutOffAndOthersAreNotDelayed()
    {
        using var stuck = StartLarge(1);
        await stuck.ReadHeadersAsync().DefaultTimeout();
        for (var i = 0; i < 100; i++)
            await UnaryAsync("on the same connection").DefaultTimeout();
        Assert.That(await _cancelled.Task.DefaultTimeout(), Is.EqualTo(GrpcCancelReason.SendTimeout));
        AssertStatus(GrpcStatusCode.ResourceExhausted, () => stuck.ResponseStream.MoveNextAsync().AsTask());
        Assert.That((await UnaryAsync("still").DefaultTimeout()).Value, Is.EqualTo("still"));
        Assert.That(Logs.Entries.Select(e => e.Text), Has.Some.Contains("read nothing for 00:00:00.5"));
    }

    [Test]
    public async Task Client_NeverReadsItsSocket_HandlerEndsAllTheSame()
    {
        // A window so large that only TCP holds the server back.
        using var client = await Http2RawClient.ConnectAsync(Server.Port, int.MaxValue);
        await client.WriteFrameAsync(type: 8, 0, 0, [0x7f, 0, 0, 0]);
        await client.OpenCallAsync(1, "/selfheal.test.Flow/Large");
        await client.WriteFrameAsync(Http2RawClient.Data, 1, 1, [0, 0, 0, 0, 2, 8, 1]);
        Assert.That(await _cancelled.Task.DefaultTimeout(), Is.EqualTo(GrpcCancelReason.SendTimeout));
    }

    [Test]
    public async Task Client_GivesNoWindow_StreamIsReset()
    {
        using var client = await Http2RawClient.ConnectAsync(Server.Port, initialWindow: 0);
        await client.OpenCallAsync(1, "/selfheal.test.Flow/Large");
        await client.WriteFrameAsync(Http2RawClient.Data, 1, 1, [0, 0, 0, 0, 2, 8, 1]);
        var (body, endedBy) = await client.ReadToEndAsync(1);
        Assert.That((body.Length, endedBy), Is.EqualTo((0, Http2RawClient.Reset)));
    }

    [Test]
    public async Task Client_CancelsWhileTheServerIsStalled_HandlerEnds()
    {
        var call = Channel.ServerStreaming("selfheal.test.Flow/Large", new Int32Value { Value = 1 }, BytesValue.Parser);
        await call.ReadHeadersAsync().DefaultTimeout();
        call.Dispose();
        Assert.That(await _cancelled.Task.DefaultTimeout(), Is.EqualTo(GrpcCancelReason.Cancelled));
    }

    [Test]
    public async Task Response_CompressionOn_InflatedByTheClient()
    {
        using var call = Channel.ServerStreaming(
            "selfheal.test.Flow/Compressed", new Int32Value { Value = 500_000 }, BytesValue.Parser);
        Assert.That(await call.ResponseStream.MoveNextAsync().DefaultTimeout(), Is.True);
        Assert.That(call.ResponseStream.Current.Value, Has.Length.EqualTo(500_000));
    }

    [Test]
    public void Response_OverSendLimit_ResourceExhausted()
    {
        using var call = Channel.ServerStreaming(
            "selfheal.test.Flow/Compressed", new Int32Value { Value = 2 * Mebibyte }, BytesValue.Parser);
        AssertStatus(GrpcStatusCode.ResourceExhausted, () => call.ResponseStream.MoveNextAsync().AsTask());
    }

    [Test]
    public async Task Deadline_PassesInAnIdleStream_EndsOnBothSides()
    {
        using var call = Channel.Duplex<StringValue, StringValue>(
            "selfheal.test.Echo/Chat", StringValue.Parser,
            new GrpcCallOptions { Timeout = TimeSpan.FromMilliseconds(300) });
        await call.RequestStream.WriteAsync(new StringValue { Value = "x" }).DefaultTimeout();
        Assert.That(await call.ResponseStream.MoveNextAsync().DefaultTimeout(), Is.True);
        AssertStatus(GrpcStatusCode.DeadlineExceeded, () => call.ResponseStream.MoveNextAsync().AsTask());
    }

    [Test]
    public async Task Shutdown_HandlerWaitsForARequest_Unavailable()
    {
        using var call = Channel.Duplex<StringValue, StringValue>("selfheal.test.Flow/Stubborn", StringValue.Parser);
        await call.ReadHeadersAsync().DefaultTimeout();
        var stopping = Server.StopAsync();
        var exception = AssertStatus(GrpcStatusCode.Unavailable, () => call.ResponseStream.MoveNextAsync().AsTask());
        Assert.That(exception.Status, Is.EqualTo(GrpcShutdown.Status));
        await stopping.DefaultTimeout();
    }

    [Test]
    public async Task Shutdown_ClientDoesNotRead_StopsWithoutWaitingForIt()
    {
        using var call = Channel.ServerStreaming(
            "selfheal.test.Echo/Count", new Int32Value { Value = int.MaxValue }, StringValue.Parser);
        Assert.That(await call.ResponseStream.MoveNextAsync().DefaultTimeout(), Is.True);
        var started = TimeProvider.System.GetTimestamp();
        await Server.StopAsync().DefaultTimeout();
        // The host of these tests waits five seconds for its streams, and a slice for sixty.
        Assert.That(TimeProvider.System.GetElapsedTime(started), Is.LessThan(TimeSpan.FromSeconds(4)));
    }

    [Test]
    public async Task Metrics_Calls_CountedByMethodAndStatus()
    {
        var ended = new System.Collections.Concurrent.ConcurrentBag<string>();
        using var listener = new MeterListener();
        listener.InstrumentPublished = (instrument, l) =>
        {
            if (instrument.Meter.Name is "SelfHeal.Grpc" && instrument.Name is "selfheal.grpc.server.calls.ended")
                l.EnableMeasurementEvents(instrument);
        };
        listener.SetMeasurementEventCallback<long>((_, _, tags, _) => ended.Add($"{tags[0].Value} {tags[1].Value}"));
        listener.Start();
        await UnaryAsync("hello").DefaultTimeout();
        AssertStatus(GrpcStatusCode.NotFound, () => UnaryAsync("fail:5:no"));
        AssertStatus(GrpcStatusCode.Unimplemented,
            () => Channel.UnaryAsync("no.Such/Method", new StringValue(), StringValue.Parser));
        Assert.That(ended, Is.SupersetOf(new[]
        {
            "/selfheal.test.Echo/Unary Ok", "/selfheal.test.Echo/Unary NotFound", "unknown Unimplemented",
        }));
    }

    [Test]
    public async Task HealthWatch_StatusChanges_WatcherIsTold()
    {
        using var call = Channel.ServerStreaming("grpc.health.v1.Health/Watch",
            new SelfHeal.Grpc.Health.V1.HealthCheckRequest { Service = "db" },
            SelfHeal.Grpc.Health.V1.HealthCheckResponse.Parser);
        var seen = new List<string>();
        foreach (var change in new[] { "Serving", "NotServing", "" })
        {
            Assert.That(await call.ResponseStream.MoveNextAsync().DefaultTimeout(), Is.True);
            seen.Add($"{call.ResponseStream.Current.Status}");
            if (change is "Serving")
                Server.Health.Set("db", SelfHeal.Grpc.Health.V1.HealthCheckResponse.Types.ServingStatus.Serving);
            if (change is "NotServing")
                Server.Health.SetAllNotServing();
        }
        Assert.That(seen, Is.EqualTo(new[] { "ServiceUnknown", "Serving", "NotServing" }));
    }

    private GrpcService FlowService() =>
        new GrpcService("selfheal.test.Flow", new GrpcServiceOptions { SendTimeout = TimeSpan.FromMilliseconds(500) })
            .ServerStreaming<Int32Value, BytesValue>("Large", Int32Value.Parser, SendLargeAsync)
            .Unary<Int32Value, BytesValue>(
                "Compressed",
                Int32Value.Parser,
                (request, _) => ValueTask.FromResult(
                    new BytesValue { Value = ByteString.CopyFrom(new byte[request.Value]) }),
                new GrpcServiceOptions { ResponseCompression = true, MaxSendMessageBytes = Mebibyte })
            .Duplex<StringValue, StringValue>("Stubborn", StringValue.Parser, async (requests, responses, call) =>
            {
                await call.SendHeadersAsync(call.CancellationToken);
                await requests.MoveNextAsync(CancellationToken.None);
            })
            .Raw("Refusing", _ => _refusing);

    /// <summary>Refuses every message, or fails, and remembers how its calls ended.</summary>
    private sealed class RefusingHandler : IGrpcRawHandler
    {
        public bool Fails { get; set; }

        public TaskCompletionSource<GrpcStatus> Ended { get; set; } = new();

        public void OnMessageStart(int length)
        {
            if (Fails)
                throw new InvalidOperationException("secret of the handler");
        }

        public GrpcStatus? OnPart(System.Buffers.ReadOnlySequence<byte> part, bool end) =>
            new GrpcStatus(GrpcStatusCode.InvalidArgument, "bad payload");

        public ReadOnlyMemory<byte> Complete() => default;

        public void OnEnd(GrpcStatus status) => Ended.SetResult(status);
    }

    private async Task SendLargeAsync(Int32Value request, GrpcResponseWriter<BytesValue> responses, GrpcCall call)
    {
        // BytesValue by hand: tag and length, then the same 16 MiB twice.
        var header = new byte[] { 0x0a, 0x80, 0x80, 0x80, 0x10 };
        var payload = new GrpcPayload(header, Shared, Shared);
        try
        {
            await responses.WriteAsync(payload, call.CancellationToken);
        }
        finally
        {
            if (request.Value == 1)
                _cancelled.TrySetResult(call.CancelReason);
        }
    }

    private GrpcServerStreamingCall<BytesValue> StartLarge(int request) => Channel.ServerStreaming(
        "selfheal.test.Flow/Large",
        new Int32Value { Value = request },
        BytesValue.Parser,
        new GrpcCallOptions { MaxReceiveMessageBytes = 64 * Mebibyte });

    private Task<StringValue> UnaryAsync(string text) =>
        Channel.UnaryAsync("selfheal.test.Echo/Unary", new StringValue { Value = text }, StringValue.Parser);
}
