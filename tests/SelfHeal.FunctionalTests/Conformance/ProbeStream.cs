using System.Buffers.Binary;
using System.Globalization;
using System.Net;
using System.Threading.Channels;
using Google.Protobuf;

namespace SelfHeal.FunctionalTests.Conformance;

/// <summary>
/// One gRPC stream on a bare HTTP/2 client: framing by hand, nothing of the product. It has a connection of its own.
/// </summary>
internal sealed class ProbeStream : IDisposable
{
    // A test writes a handful of requests ahead of the server.
    private readonly Channel<byte[]> _requests = Channel.CreateBounded<byte[]>(1024);
    private readonly HttpMessageInvoker _http;
    private readonly Task<HttpResponseMessage> _responding;
    private HttpResponseMessage? _response;
    private Stream? _body;

    /// <summary>Opens a call.</summary>
    /// <param name="port">Where the server listens.</param>
    /// <param name="method">Such as <c>package.Service/Method</c>.</param>
    public ProbeStream(int port, string method)
    {
        Method = method;
        _http = new HttpMessageInvoker(new SocketsHttpHandler { UseProxy = false });
        var request = new HttpRequestMessage(HttpMethod.Post, $"http://127.0.0.1:{port}/{method}")
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = new RequestContent(_requests.Reader),
        };
        request.Headers.Add("te", "trailers");
        _responding = _http.SendAsync(request, CancellationToken.None);
    }

    public string Method { get; }

    /// <summary>How the call ended: gRPC status and text; null while it has not.</summary>
    public (int Code, string Message)? Status { get; private set; }

    public Task WriteAsync(IMessage message)
    {
        var frame = new byte[5 + message.CalculateSize()];
        BinaryPrimitives.WriteInt32BigEndian(frame.AsSpan(1), frame.Length - 5);
        message.WriteTo(frame.AsSpan(5));
        return _requests.Writer.WriteAsync(frame).DefaultTimeout();
    }

    /// <summary>Says that there are no more requests.</summary>
    public void Complete() => _requests.Writer.TryComplete();

    /// <summary>Reads the next message; null when the call has ended, and then <see cref="Status"/> is set.</summary>
    public async Task<byte[]?> ReadAsync()
    {
        try
        {
            _response ??= await _responding.DefaultTimeout();
            _body ??= await _response.Content.ReadAsStreamAsync().DefaultTimeout();
            var header = new byte[5];
            if (await _body.ReadAtLeastAsync(header, 5, throwOnEndOfStream: false).DefaultTimeout() < 5)
            {
                Status = ReadStatus(_response);
                return null;
            }
            var message = new byte[BinaryPrimitives.ReadInt32BigEndian(header.AsSpan(1))];
            await _body.ReadExactlyAsync(message).DefaultTimeout();
            return message;
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException)
        {
            // 14 is UNAVAILABLE, which is what gRPC clients make of a connection that is lost.
            Status = (14, exception.Message);
            return null;
        }
    }

    /// <summary>Resets the stream and closes its connection.</summary>
    public void Dispose()
    {
        _requests.Writer.TryComplete(new OperationCanceledException("the test has ended the stream"));
        _response?.Dispose();
        _http.Dispose();
    }

    private static (int Code, string Message) ReadStatus(HttpResponseMessage response)
    {
        // An end without any message has its status among the headers.
        var from = response.TrailingHeaders.Contains("grpc-status") ? response.TrailingHeaders : response.Headers;
        if (!from.TryGetValues("grpc-status", out var codes))
            return (2, $"HTTP {(int)response.StatusCode} without a gRPC status");
        var message = from.TryGetValues("grpc-message", out var texts) ? Uri.UnescapeDataString(texts.First()) : "";
        return (int.Parse(codes.First(), CultureInfo.InvariantCulture), message);
    }

    private sealed class RequestContent : HttpContent
    {
        private readonly ChannelReader<byte[]> _frames;

        public RequestContent(ChannelReader<byte[]> frames)
        {
            _frames = frames;
            Headers.ContentType = new("application/grpc");
        }

        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
        {
            await stream.FlushAsync(); // Headers must not wait for the first request.
            await foreach (var frame in _frames.ReadAllAsync())
            {
                await stream.WriteAsync(frame);
                await stream.FlushAsync();
            }
        }

        protected override bool TryComputeLength(out long length)
        {
            length = 0;
            return false;
        }
    }
}
