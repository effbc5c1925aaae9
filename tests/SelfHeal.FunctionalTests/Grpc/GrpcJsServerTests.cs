using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using SelfHeal.Grpc;

namespace SelfHeal.FunctionalTests.Grpc;

/// <summary>Our client calls the official JavaScript server.</summary>
internal sealed class GrpcJsServerTests
{
    private NodePeer _peer = null!; // Set before each test.
    private GrpcChannel _channel = null!; // Set before each test.

    [SetUp]
    public async Task StartAsync()
    {
        _peer = NodePeer.Start("server.js");
        _channel = new GrpcChannel(TimeProvider.System, $"http://127.0.0.1:{await _peer.ReadLineAsync()}");
    }

    [TearDown]
    public void Stop()
    {
        _channel.Dispose();
        _peer.Dispose();
    }

    [TestCase(false)]
    [TestCase(true)]
    public async Task JsServer_Unary_IsEchoed(bool compress)
    {
        var text = new string('y', 50_000);
        var response = await UnaryAsync(text, new GrpcCallOptions { Compress = compress }).DefaultTimeout();
        Assert.That(response.Value, Is.EqualTo(text));
    }

    [Test]
    public async Task JsServer_ServerStreaming_AllMessagesInOrder()
    {
        using var call = _channel.ServerStreaming(
            "selfheal.test.Echo/Count", new Int32Value { Value = 100 }, StringValue.Parser);
        for (var i = 0; i < 100; i++)
        {
            Assert.That(await call.ResponseStream.MoveNextAsync().DefaultTimeout(), Is.True);
            Assert.That(call.ResponseStream.Current.Value, Is.EqualTo($"{i}"));
        }
        Assert.That(await call.ResponseStream.MoveNextAsync().DefaultTimeout(), Is.False);
        Assert.That(call.Status, Is.EqualTo(GrpcStatus.Ok with { Message = "OK" }).Or.EqualTo(GrpcStatus.Ok));
    }

    [Test]
    public async Task JsServer_ClientStreaming_OneResponse()
    {
        using var call = _channel.ClientStreaming<BytesValue, Int64Value>("selfheal.test.Echo/Sink", Int64Value.Parser);
        for (var i = 0; i < 20; i++)
            await call.RequestStream.WriteAsync(new BytesValue { Value = ByteString.CopyFrom(new byte[100_000]) })
                .DefaultTimeout();
        await call.RequestStream.CompleteAsync().DefaultTimeout();
        Assert.That((await call.ReadResponseAsync().DefaultTimeout()).Value, Is.EqualTo(2_000_000));
    }

    [Test]
    public async Task JsServer_DuplexHalfClosed_EndArrives()
    {
        using var call = _channel.Duplex<StringValue, StringValue>("selfheal.test.Echo/Chat", StringValue.Parser);
        for (var i = 0; i < 3; i++)
        {
            await call.RequestStream.WriteAsync(new StringValue { Value = $"m{i}" }).DefaultTimeout();
            Assert.That(await call.ResponseStream.MoveNextAsync().DefaultTimeout(), Is.True);
            Assert.That(call.ResponseStream.Current.Value, Is.EqualTo($"m{i}"));
        }
        await call.RequestStream.CompleteAsync().DefaultTimeout();
        Assert.That(await call.ResponseStream.MoveNextAsync().DefaultTimeout(), Is.True);
        Assert.That(call.ResponseStream.Current.Value, Is.EqualTo("end"));
        Assert.That(await call.ResponseStream.MoveNextAsync().DefaultTimeout(), Is.False);
    }

    [Test]
    public void JsServer_ErrorStatus_TextAndTrailersArrive()
    {
        var exception = Assert.ThrowsAsync<GrpcException>(
            () => UnaryAsync("fail:9:größer als 100 % – 漢字 🚀").DefaultTimeout());
        Assert.Multiple(() =>
        {
            Assert.That(exception!.Status, Is.EqualTo(
                new GrpcStatus(GrpcStatusCode.FailedPrecondition, "größer als 100 % – 漢字 🚀")));
            Assert.That(exception.Trailers.GetText("x-trailer"), Is.EqualTo("why"));
        });
    }

    [Test]
    public async Task JsServer_Metadata_EchoedInHeadersAndTrailers()
    {
        var headers = new GrpcMetadata()
            .Add("x-text", "one").Add("x-text", "two").Add("x-blob-bin", new byte[] { 0, 1, 254, 255 });
        using var call = _channel.ServerStreaming("selfheal.test.Echo/Unary", new StringValue { Value = "metadata" },
            StringValue.Parser, new GrpcCallOptions { Headers = headers });
        var received = await call.ReadHeadersAsync().DefaultTimeout();
        Assert.That(string.Join(", ", received.GetAll("x-text").Select(e => e.Value)), Is.EqualTo("one, two"));
        Assert.That(await call.ResponseStream.MoveNextAsync().DefaultTimeout(), Is.True);
        Assert.That(await call.ResponseStream.MoveNextAsync().DefaultTimeout(), Is.False);
        Assert.That(call.Trailers.GetBytes("x-blob-bin")?.ToArray(), Is.EqualTo(new byte[] { 0, 1, 254, 255 }));
    }

    [Test]
    public async Task JsServer_Deadline_ExceededHereAndCancelledThere()
    {
        var exception = Assert.ThrowsAsync<GrpcException>(() => UnaryAsync(
            "wait", new GrpcCallOptions { Timeout = TimeSpan.FromMilliseconds(200) }).DefaultTimeout());
        Assert.That(exception!.Status.Code, Is.EqualTo(GrpcStatusCode.DeadlineExceeded));
        Assert.That(await _peer.ReadLineAsync(), Is.EqualTo("cancelled"));
    }

    [Test]
    public async Task JsServer_Cancel_CancelledOnBothSides()
    {
        using var call = _channel.Duplex<StringValue, StringValue>("selfheal.test.Echo/Chat", StringValue.Parser);
        await call.RequestStream.WriteAsync(new StringValue { Value = "m0" }).DefaultTimeout();
        Assert.That(await call.ResponseStream.MoveNextAsync().DefaultTimeout(), Is.True);
        call.Cancel();
        var exception = Assert.ThrowsAsync<GrpcException>(() => call.ResponseStream.MoveNextAsync().DefaultTimeout());
        Assert.That(exception!.Status.Code, Is.EqualTo(GrpcStatusCode.Cancelled));
        Assert.That(await _peer.ReadLineAsync(), Is.EqualTo("cancelled"));
    }

    [Test]
    public void JsServer_UnknownMethod_Unimplemented()
    {
        var exception = Assert.ThrowsAsync<GrpcException>(() => _channel.UnaryAsync(
            "selfheal.test.Echo/Nothing", new StringValue(), StringValue.Parser).DefaultTimeout());
        Assert.That(exception!.Status.Code, Is.EqualTo(GrpcStatusCode.Unimplemented));
    }

    [Test]
    public void JsServer_OversizedRequest_ResourceExhausted()
    {
        var exception = Assert.ThrowsAsync<GrpcException>(() => UnaryAsync(new string('x', 5 << 20)).DefaultTimeout());
        Assert.That(exception!.Status.Code, Is.EqualTo(GrpcStatusCode.ResourceExhausted));
    }

    [Test]
    public void JsServer_OversizedResponse_ResourceExhausted()
    {
        var exception = Assert.ThrowsAsync<GrpcException>(() => UnaryAsync(
            new string('x', 2000), new GrpcCallOptions { MaxReceiveMessageBytes = 1000 }).DefaultTimeout());
        Assert.That(exception!.Status.Message,
            Is.EqualTo("message of 2003 bytes is larger than the limit of 1000 bytes"));
    }

    [Test]
    public void JsServer_Malformed_ErrorStatus()
    {
        var exception = Assert.ThrowsAsync<GrpcException>(async () =>
        {
            using var call = _channel.ClientStreaming<StringValue, StringValue>(
                "selfheal.test.Echo/Unary", StringValue.Parser);
            await call.RequestStream.WriteRawAsync(new byte[] { 0x0a, 0xff }).DefaultTimeout();
            await call.RequestStream.CompleteAsync().DefaultTimeout();
            await call.ReadResponseAsync().DefaultTimeout();
        });
        Assert.That(exception!.Status.IsOk, Is.False);
    }

    private Task<StringValue> UnaryAsync(string text, GrpcCallOptions? options = null) =>
        _channel.UnaryAsync("selfheal.test.Echo/Unary", new StringValue { Value = text }, StringValue.Parser, options);
}
