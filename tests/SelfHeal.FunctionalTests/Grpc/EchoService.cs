using System.Buffers;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using SelfHeal.Grpc;

namespace SelfHeal.FunctionalTests.Grpc;

/// <summary>The service of echo.proto.</summary>
internal static class EchoService
{
    public const string Name = "selfheal.test.Echo";

    public static GrpcService Create(GrpcServiceOptions? options = null) => new GrpcService(Name, options)
        .Unary<StringValue, StringValue>("Unary", StringValue.Parser, UnaryAsync)
        .ServerStreaming<Int32Value, StringValue>("Count", Int32Value.Parser, async (request, responses, call) =>
        {
            for (var i = 0; i < request.Value; i++)
                await responses.WriteAsync(new StringValue { Value = $"{i}" }, call.CancellationToken);
        })
        .ClientStreaming<StringValue, StringValue>("Join", StringValue.Parser, async (requests, call) =>
        {
            var texts = new List<string>();
            await foreach (var request in requests.ReadAllAsync(call.CancellationToken))
                texts.Add(request.Value);
            return new StringValue { Value = string.Join(',', texts) };
        })
        .Duplex<StringValue, StringValue>("Chat", StringValue.Parser, async (requests, responses, call) =>
        {
            while (await requests.MoveNextAsync(call.CancellationToken))
                await responses.WriteAsync(requests.Current, call.CancellationToken);
            await responses.WriteAsync(new StringValue { Value = "end" }, call.CancellationToken);
        })
        .Raw("Sink", _ => new SinkHandler());

    private static async ValueTask<StringValue> UnaryAsync(StringValue request, GrpcCall call)
    {
        var text = request.Value;
        if (text is "wait")
            await Task.Delay(Timeout.InfiniteTimeSpan, call.TimeProvider, call.CancellationToken);
        if (text is "boom")
            throw new InvalidOperationException("secret of the handler");
        if (text is "peer")
            return new StringValue { Value = $"{call.Peer.Address}|{call.Peer.ClientCertificate?.Subject}" };
        if (text.StartsWith("fail:", StringComparison.Ordinal))
        {
            var parts = text.Split(':');
            var trailers = new GrpcMetadata().Add("x-trailer", "why");
            throw new GrpcException(new GrpcStatus((GrpcStatusCode)int.Parse(parts[1]), parts[2]), trailers);
        }
        if (text is "metadata")
        {
            foreach (var entry in call.RequestHeaders.GetAll("x-text"))
                call.ResponseHeaders.Add(entry.Key, entry.Value);
            foreach (var entry in call.RequestHeaders.GetAll("x-blob-bin"))
                call.ResponseTrailers.Add(entry.Key, entry.Bytes);
        }
        return request;
    }

    /// <summary>Counts the bytes of BytesValue messages without decoding more than their lengths.</summary>
    private sealed class SinkHandler : IGrpcRawHandler
    {
        private long _bytes;
        private int _messageBytes;

        public void OnMessageStart(int length) => _messageBytes = length;

        public GrpcStatus? OnPart(ReadOnlySequence<byte> part, bool end)
        {
            if (!end)
                return null;
            // Field 1, length-delimited: a tag byte and the varint of the length stand before the bytes.
            for (var header = 2; header <= 6; header++)
                if (CodedOutputStream.ComputeLengthSize(_messageBytes - header) == header - 1)
                {
                    _bytes += _messageBytes - header;
                    return null;
                }
            return new GrpcStatus(GrpcStatusCode.InvalidArgument, "not a BytesValue");
        }

        public ReadOnlyMemory<byte> Complete() => new Int64Value { Value = _bytes }.ToByteArray();

        public void OnEnd(GrpcStatus status)
        {
        }
    }
}
