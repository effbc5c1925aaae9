using System.Net;
using System.Net.Http.Headers;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using SelfHeal.Grpc;

namespace SelfHeal.FunctionalTests.Grpc;

/// <summary>What arrives when the peer is not a gRPC library.</summary>
internal sealed class GrpcRawSocketTests : GrpcTestBase
{
    private const byte EndStream = 1;

    [Test]
    public async Task Request_DataFramesCutAtEveryByte_Answered()
    {
        var frame = Frame(new StringValue { Value = "hello" });
        using var client = await Http2RawClient.ConnectAsync(Server.Port);
        for (var cut = 0; cut <= frame.Length; cut++)
        {
            var stream = 1 + 2 * cut;
            await client.OpenCallAsync(stream, "/selfheal.test.Echo/Unary", ("te", "trailers"));
            await client.WriteFrameAsync(Http2RawClient.Data, 0, stream, frame[..cut]);
            await client.WriteFrameAsync(Http2RawClient.Data, EndStream, stream, frame[cut..]);
            var (body, endedBy) = await client.ReadToEndAsync(stream);
            Assert.That(body, Is.EqualTo(frame), $"cut at {cut}");
            Assert.That(endedBy, Is.EqualTo(Http2RawClient.Headers));
        }
    }

    [Test]
    public async Task Request_OneDataFrameForEachByte_Answered()
    {
        var frame = Frame(new StringValue { Value = "hello" });
        using var client = await Http2RawClient.ConnectAsync(Server.Port);
        await client.OpenCallAsync(1, "/selfheal.test.Echo/Chat");
        foreach (var value in frame)
            await client.WriteFrameAsync(Http2RawClient.Data, 0, 1, [value]);
        await client.WriteFrameAsync(Http2RawClient.Data, EndStream, 1, []);
        var (body, _) = await client.ReadToEndAsync(1);
        Assert.That(body, Is.EqualTo(frame.Concat(Frame(new StringValue { Value = "end" })).ToArray()));
    }

    [TestCase("/selfheal.test.Echo/Unary", "grpc-encoding", "snappy", "12", "grpc-encoding 'snappy' is not supported")]
    [TestCase("/selfheal.test.Echo/Unary", "grpc-timeout", "soon", "13", "grpc-timeout 'soon' is malformed")]
    [TestCase("/selfheal.test.echo/unary", "x", "y", "12", "unknown method /selfheal.test.echo/unary")]
    [TestCase("/nobody", "x", "y", "12", "unknown method /nobody")]
    [TestCase("/a/b/c", "x", "y", "12", "unknown method /a/b/c")]
    public async Task Request_HeadersRefused_TrailersOnly(
        string path, string name, string value, string status, string message)
    {
        using var response = await PostAsync(path, request => request.Headers.TryAddWithoutValidation(name, value));
        Assert.Multiple(() =>
        {
            Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.OK));
            Assert.That(response.Headers.GetValues("grpc-status"), Is.EqualTo(new[] { status }));
            Assert.That(response.Headers.GetValues("grpc-message"), Is.EqualTo(new[] { message }));
            Assert.That(response.Headers.GetValues("grpc-accept-encoding"), Is.EqualTo(new[] { "identity,gzip" }));
        });
    }

    [TestCase("application/json")]
    [TestCase("application/grpc-web")]
    public async Task Request_OtherContentType_UnsupportedMediaType(string contentType)
    {
        using var response = await PostAsync("/selfheal.test.Echo/Unary", request =>
            request.Content!.Headers.ContentType = MediaTypeHeaderValue.Parse(contentType));
        Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.UnsupportedMediaType));
    }

    [Test]
    public void Request_Http1_Refused()
    {
        using var http = new HttpClient();
        Assert.That(
            async () =>
            {
                using var response = await http.GetAsync($"http://{Server.Address}/").DefaultTimeout();
                Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.BadRequest));
                throw new HttpRequestException("refused");
            },
            Throws.InstanceOf<HttpRequestException>());
    }

    [Test]
    public async Task Request_NoMessageOrTwo_Internal()
    {
        foreach (var count in new[] { 0, 2 })
        {
            using var call = Channel.ClientStreaming<StringValue, StringValue>(
                "selfheal.test.Echo/Unary", StringValue.Parser);
            for (var i = 0; i < count; i++)
                await call.RequestStream.WriteAsync(new StringValue { Value = "x" }).DefaultTimeout();
            await call.RequestStream.CompleteAsync().DefaultTimeout();
            AssertStatus(GrpcStatusCode.Internal, call.ReadResponseAsync);
        }
    }

    [TestCase("Unary")]
    [TestCase("Sink")]
    public async Task Request_EndsInsideAFrame_Internal(string method)
    {
        using var call = Channel.ClientStreaming<StringValue, StringValue>($"selfheal.test.Echo/{method}",
            StringValue.Parser);
        await call.RequestStream.WriteUnframedAsync(new byte[] { 0, 0, 0, 0, 9, 1 }).DefaultTimeout();
        await call.RequestStream.CompleteAsync().DefaultTimeout();
        var exception = AssertStatus(GrpcStatusCode.Internal, call.ReadResponseAsync);
        Assert.That(exception.Status.Message, Does.StartWith("truncated message"));
    }

    [TestCase("Unary")]
    [TestCase("Sink")]
    public async Task Request_LengthOverLimit_RefusedWhileTheStreamIsOpen(string method)
    {
        using var call = Channel.ClientStreaming<StringValue, StringValue>($"selfheal.test.Echo/{method}",
            StringValue.Parser);
        await call.RequestStream.WriteUnframedAsync(new byte[] { 0, 0x7f, 0, 0, 0 }).DefaultTimeout();
        var exception = AssertStatus(GrpcStatusCode.ResourceExhausted, call.ReadResponseAsync);
        Assert.That(exception.Status.Message,
            Is.EqualTo("message of 2130706432 bytes is larger than the limit of 4194304 bytes"));
    }

    [Test]
    public async Task Request_ClientResetsManyCalls_OthersGoOn()
    {
        using var healthy = Channel.Duplex<StringValue, StringValue>("selfheal.test.Echo/Chat", StringValue.Parser);
        for (var i = 0; i < 50; i++)
        {
            using var bad = Channel.Duplex<StringValue, StringValue>("selfheal.test.Echo/Chat", StringValue.Parser);
            await bad.RequestStream.WriteUnframedAsync(new byte[] { 9, 9, 9, 9, 9, 9 }).DefaultTimeout();
            if (i % 2 == 0)
                AssertStatus(GrpcStatusCode.Internal, () => bad.ResponseStream.MoveNextAsync().AsTask());
        }
        await healthy.RequestStream.WriteAsync(new StringValue { Value = "still here" }).DefaultTimeout();
        Assert.That(await healthy.ResponseStream.MoveNextAsync().DefaultTimeout(), Is.True);
        Assert.That(healthy.ResponseStream.Current.Value, Is.EqualTo("still here"));
    }

    private static byte[] Frame(IMessage message)
    {
        var payload = message.ToByteArray();
        return [0, 0, 0, 0, (byte)payload.Length, .. payload];
    }

    private async Task<HttpResponseMessage> PostAsync(string path, Action<HttpRequestMessage> change)
    {
        using var http = new HttpClient();
        using var request = new HttpRequestMessage(HttpMethod.Post, $"http://{Server.Address}{path}")
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = new ByteArrayContent(Frame(new StringValue { Value = "x" })),
        };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/grpc");
        change(request);
        return await http.SendAsync(request).DefaultTimeout();
    }
}
