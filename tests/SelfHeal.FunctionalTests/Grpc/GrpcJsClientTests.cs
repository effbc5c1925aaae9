using SelfHeal.Grpc;

namespace SelfHeal.FunctionalTests.Grpc;

/// <summary>The official JavaScript client calls our server.</summary>
internal sealed class GrpcJsClientTests : GrpcTestBase
{
    [TestCase("unary", "hello")]
    [TestCase("join", "a,b,c")]
    public async Task JsClient_OneResponse_IsEchoed(string scenario, string expected)
    {
        var result = await NodePeer.RunClientAsync(Server, scenario);
        Assert.Multiple(() =>
        {
            Assert.That(result.GetProperty("code").GetInt32(), Is.Zero);
            Assert.That(result.GetProperty("value").GetString(), Is.EqualTo(expected));
        });
    }

    [Test]
    public async Task JsClient_ServerStreaming_AllMessagesInOrder()
    {
        var result = await NodePeer.RunClientAsync(Server, "count");
        Assert.Multiple(() =>
        {
            Assert.That(result.GetProperty("code").GetInt32(), Is.Zero);
            Assert.That(Messages(result), Is.EqualTo(Enumerable.Range(0, 100).Select(i => $"{i}")));
        });
    }

    [Test]
    public async Task JsClient_DuplexHalfClosed_ServerSeesTheEnd()
    {
        var result = await NodePeer.RunClientAsync(Server, "chat");
        Assert.Multiple(() =>
        {
            Assert.That(result.GetProperty("code").GetInt32(), Is.Zero);
            Assert.That(Messages(result), Is.EqualTo(new[] { "m0", "m1", "m2", "end" }));
        });
    }

    [TestCase("sink", 5_000_000)]
    [TestCase("sinkGzip", 500_000)]
    public async Task JsClient_RawMethod_AllBytesCounted(string scenario, long expected)
    {
        var result = await NodePeer.RunClientAsync(Server, scenario);
        Assert.That(result.GetProperty("value").GetInt64(), Is.EqualTo(expected));
    }

    [Test]
    public async Task JsClient_GzipRequest_IsInflated()
    {
        var result = await NodePeer.RunClientAsync(Server, "gzip");
        Assert.That(result.GetProperty("value").GetString(), Is.EqualTo(new string('z', 100_000)));
    }

    [TestCase("gzipBomb", GrpcStatusCode.ResourceExhausted,
        "decompressed message is larger than the limit of 4194304 bytes")]
    [TestCase("oversized", GrpcStatusCode.ResourceExhausted,
        "message of 5242885 bytes is larger than the limit of 4194304 bytes")]
    [TestCase("malformed", GrpcStatusCode.Internal,
        "malformed message: the bytes are not valid protobuf for this method")]
    [TestCase("unknownMethod", GrpcStatusCode.Unimplemented, "unknown method /selfheal.test.Echo/Nothing")]
    [TestCase("status", GrpcStatusCode.FailedPrecondition, "größer als 100 % – 漢字 🚀")]
    [TestCase("deadline", GrpcStatusCode.DeadlineExceeded, null)]
    [TestCase("cancel", GrpcStatusCode.Cancelled, null)]
    public async Task JsClient_CallFails_StatusAndTextArrive(string scenario, GrpcStatusCode code, string? details)
    {
        var result = await NodePeer.RunClientAsync(Server, scenario);
        Assert.That((GrpcStatusCode)result.GetProperty("code").GetInt32(), Is.EqualTo(code));
        if (details is not null)
            Assert.That(result.GetProperty("details").GetString(), Is.EqualTo(details));
    }

    [Test]
    public async Task JsClient_HandlerFails_InternalWithoutItsText()
    {
        ExpectedErrors = 1;
        var result = await NodePeer.RunClientAsync(Server, "handlerFails");
        Assert.Multiple(() =>
        {
            Assert.That(result.GetProperty("code").GetInt32(), Is.EqualTo((int)GrpcStatusCode.Internal));
            Assert.That(result.GetProperty("details").GetString(), Is.EqualTo("the handler failed"));
        });
    }

    [Test]
    public async Task JsClient_Metadata_EchoedInHeadersAndTrailers()
    {
        var result = await NodePeer.RunClientAsync(Server, "metadata");
        var blob = result.GetProperty("trailers").GetProperty("x-blob-bin")[0].GetProperty("data");
        Assert.Multiple(() =>
        {
            Assert.That(result.GetProperty("headers").GetProperty("x-text").ToString(),
                Is.EqualTo("[\"one, two\"]").Or.EqualTo("[\"one\",\"two\"]"));
            Assert.That(blob.EnumerateArray().Select(e => e.GetInt32()), Is.EqualTo(new[] { 0, 1, 254, 255 }));
        });
    }

    [Test]
    public async Task JsClient_Health_CheckAndWatchAnswer()
    {
        var result = await NodePeer.RunClientAsync(Server, "health");
        Assert.Multiple(() =>
        {
            Assert.That(result.GetProperty("value").GetInt32(), Is.EqualTo(1));
            Assert.That(result.GetProperty("unknown").GetInt32(), Is.EqualTo((int)GrpcStatusCode.NotFound));
            Assert.That(result.GetProperty("watched").GetInt32(), Is.EqualTo(1));
        });
    }

    [Test]
    public async Task JsClient_Reflection_ListsServicesAndFiles()
    {
        var result = await NodePeer.RunClientAsync(Server, "reflection");
        var services = result.GetProperty("services").EnumerateArray().Select(e => e.GetString()).ToList();
        Assert.Multiple(() =>
        {
            Assert.That(result.GetProperty("code").GetInt32(), Is.Zero);
            Assert.That(services, Is.EqualTo(new[]
            {
                "grpc.health.v1.Health",
                "grpc.reflection.v1.ServerReflection",
                "grpc.reflection.v1alpha.ServerReflection",
                "selfheal.test.Echo",
            }));
            Assert.That(result.GetProperty("files").GetInt32(), Is.EqualTo(1));
            Assert.That(result.GetProperty("missing").GetInt32(), Is.EqualTo((int)GrpcStatusCode.NotFound));
            Assert.That(result.GetProperty("alpha").GetInt32(), Is.EqualTo(4));
        });
    }

    [Test]
    public async Task JsClient_ServerStops_UnavailableBeforeTheDrain()
    {
        using var peer = NodePeer.Start("client.js", Server.Address, "shutdown");
        Assert.That(await peer.ReadLineAsync(), Is.EqualTo("ready"));
        var stopping = Server.StopAsync();
        var result = await peer.ReadJsonAsync();
        await stopping.DefaultTimeout();
        Assert.Multiple(() =>
        {
            Assert.That(result.GetProperty("code").GetInt32(), Is.EqualTo((int)GrpcStatusCode.Unavailable));
            Assert.That(result.GetProperty("details").GetString(), Is.EqualTo("the server is shutting down"));
        });
    }

    private static IEnumerable<string?> Messages(System.Text.Json.JsonElement result) =>
        result.GetProperty("messages").EnumerateArray().Select(e => e.GetString());
}
