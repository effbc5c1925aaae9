using System.IO.Compression;
using System.IO.Pipelines;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using SelfHeal.Grpc;
using SelfHeal.Grpc.Wire;

namespace SelfHeal.UnitTests.Grpc;

internal sealed class GrpcFrameReaderTests
{
    private const int Limit = 1000;

    private static readonly byte[] TwoFrames =
    [
        .. GrpcTestData.Frame(new StringValue { Value = "first" }),
        .. GrpcTestData.Frame(new StringValue { Value = "second message" }),
    ];

    [Test]
    public async Task ReadAsync_BytesCutAtEveryPlace_SameMessages()
    {
        for (var cut = 0; cut <= TwoFrames.Length; cut++)
        {
            var messages = await ReadAllAsync(TwoFrames, [cut]);
            Assert.That(messages, Is.EqualTo(new[] { "first", "second message" }), $"cut at {cut}");
        }
    }

    [Test]
    public async Task ReadAsync_OneByteAtATime_SameMessages()
    {
        var messages = await ReadAllAsync(TwoFrames, Enumerable.Repeat(1, TwoFrames.Length));
        Assert.That(messages, Is.EqualTo(new[] { "first", "second message" }));
    }

    [Test]
    public async Task ReadAsync_EndInsideAFrame_TruncatedAtEveryPlaceButTheBoundary()
    {
        var frame = GrpcTestData.Frame(new StringValue { Value = "first" });
        for (var length = 0; length <= frame.Length; length++)
        {
            var (status, _) = await ReadOneAsync(frame[..length]);
            var whole = length == 0 || length == frame.Length;
            Assert.That(status, Is.EqualTo(whole ? GrpcStatus.Ok : GrpcWireErrors.Truncated), $"{length} bytes");
        }
    }

    [Test]
    public async Task ReadAsync_AnnouncedLengthOverLimit_RefusedByTheHeaderAlone()
    {
        // Only the header is there, and the stream stays open: waiting for the message would never end.
        var pipe = new Pipe();
        await pipe.Writer.WriteAsync(new byte[] { 0, 0xff, 0xff, 0xff, 0xff });
        var reader = new GrpcFrameReader(pipe.Reader, Limit, GrpcEncoding.Identity);
        var (status, _) = await reader.ReadAsync(StringValue.Parser, CancellationToken.None).AsTask()
            .WaitAsync(TimeSpan.FromSeconds(10));
        Assert.That(status, Is.EqualTo(new GrpcStatus(
            GrpcStatusCode.ResourceExhausted, "message of 4294967295 bytes is larger than the limit of 1000 bytes")));
    }

    [TestCase(1000, GrpcStatusCode.Ok)]
    [TestCase(1001, GrpcStatusCode.ResourceExhausted)]
    public async Task ReadAsync_LengthAtTheLimit_LastOneTaken(int length, GrpcStatusCode expected)
    {
        // Two bytes of tag and two of length stand before the text.
        var message = new StringValue { Value = new string('x', length - 3) };
        Assert.That(message.CalculateSize(), Is.EqualTo(length));
        var (status, _) = await ReadOneAsync(GrpcTestData.Frame(message));
        Assert.That(status.Code, Is.EqualTo(expected));
    }

    [Test]
    public async Task ReadAsync_FlagNeitherZeroNorOne_Internal()
    {
        var (status, _) = await ReadOneAsync(GrpcTestData.Frame([], flag: 7));
        Assert.That(status, Is.EqualTo(new GrpcStatus(
            GrpcStatusCode.Internal, "malformed frame: the compressed flag is 7, expected 0 or 1")));
    }

    [Test]
    public async Task ReadAsync_CompressedWithoutEncoding_Internal()
    {
        var (status, _) = await ReadOneAsync(GrpcTestData.Frame(Gzip(new byte[10]), flag: 1));
        Assert.That(status.Code, Is.EqualTo(GrpcStatusCode.Internal));
    }

    [Test]
    public async Task ReadAsync_Gzip_Inflated()
    {
        var message = new StringValue { Value = new string('z', 900) };
        var (status, text) = await ReadOneAsync(
            GrpcTestData.Frame(Gzip(message.ToByteArray()), flag: 1), GrpcEncoding.Gzip);
        Assert.Multiple(() =>
        {
            Assert.That(status.IsOk, Is.True);
            Assert.That(text, Is.EqualTo(message.Value));
        });
    }

    [Test]
    public async Task ReadAsync_GzipBomb_StoppedAtTheLimit()
    {
        var bomb = Gzip(new byte[10_000_000]);
        var pipeLimit = bomb.Length + 1;
        var pipe = PipeReader.Create(new MemoryStream(GrpcTestData.Frame(bomb, flag: 1)));
        var reader = new GrpcFrameReader(pipe, pipeLimit, GrpcEncoding.Gzip);
        var (status, _) = await reader.ReadAsync(StringValue.Parser, CancellationToken.None);
        Assert.That(status, Is.EqualTo(GrpcWireErrors.TooLargeDecompressed(pipeLimit)));
    }

    [Test]
    public async Task ReadAsync_GzipCutOrGarbage_Internal()
    {
        var gzip = Gzip(new StringValue { Value = "some text that is long enough to be cut" }.ToByteArray());
        for (var length = 0; length < gzip.Length - 8; length++)
        {
            var (status, _) = await ReadOneAsync(GrpcTestData.Frame(gzip[..length], flag: 1), GrpcEncoding.Gzip);
            Assert.That(status.Code, Is.EqualTo(GrpcStatusCode.Internal), $"{length} bytes");
        }
        var (garbage, _) = await ReadOneAsync(GrpcTestData.Frame([1, 2, 3, 4], flag: 1), GrpcEncoding.Gzip);
        Assert.That(garbage, Is.EqualTo(GrpcWireErrors.BadGzip));
    }

    /// <summary>Google.Protobuf throws something else for these than for other malformed messages.</summary>
    [Test]
    public async Task ReadAsync_WrapperCutShort_Internal()
    {
        var pipe = new Pipe();
        await pipe.Writer.WriteAsync(new byte[] { 0, 0, 0, 0, 2, 0x0a, 3 });
        var reader = new GrpcFrameReader(pipe.Reader, Limit, GrpcEncoding.Identity);

        var (status, _) = await reader.ReadAsync(
            Envoy.Data.Accesslog.V3.HTTPResponseProperties.Parser, CancellationToken.None);

        Assert.That(status, Is.EqualTo(GrpcWireErrors.BadProtobuf));
    }

    [Test]
    public async Task ReadAsync_MalformedProtobuf_Internal()
    {
        var (status, _) = await ReadOneAsync(GrpcTestData.Frame([0x0a, 0xff]));
        Assert.That(status, Is.EqualTo(GrpcWireErrors.BadProtobuf));
    }

    [Test]
    public void ReadAsync_PendingReadCancelled_Throws()
    {
        var pipe = new Pipe();
        var reader = new GrpcFrameReader(pipe.Reader, Limit, GrpcEncoding.Identity);
        var reading = reader.ReadAsync(StringValue.Parser, CancellationToken.None).AsTask();
        pipe.Reader.CancelPendingRead();
        Assert.ThrowsAsync<OperationCanceledException>(() => reading.WaitAsync(TimeSpan.FromSeconds(10)));
    }

    private static async Task<(GrpcStatus Status, string? Text)> ReadOneAsync(
        byte[] bytes, GrpcEncoding encoding = GrpcEncoding.Identity)
    {
        var reader = new GrpcFrameReader(PipeReader.Create(new MemoryStream(bytes)), Limit, encoding);
        var (status, message) = await reader.ReadAsync(StringValue.Parser, CancellationToken.None);
        return (status, message?.Value);
    }

    private static async Task<List<string>> ReadAllAsync(byte[] bytes, IEnumerable<int> pieces)
    {
        var pipe = new Pipe();
        var reader = new GrpcFrameReader(pipe.Reader, Limit, GrpcEncoding.Identity);
        var writing = WriteAsync(pipe.Writer, bytes, pieces);
        var messages = new List<string>();
        while (true)
        {
            var (status, message) = await reader.ReadAsync(StringValue.Parser, CancellationToken.None);
            Assert.That(status, Is.EqualTo(GrpcStatus.Ok));
            if (message is null)
                break;
            messages.Add(message.Value);
        }
        await writing;
        return messages;
    }

    private static async Task WriteAsync(PipeWriter writer, byte[] bytes, IEnumerable<int> pieces)
    {
        var start = 0;
        foreach (var length in pieces.Append(int.MaxValue))
        {
            var taken = Math.Min(length, bytes.Length - start);
            await writer.WriteAsync(bytes.AsMemory(start, taken));
            start += taken;
        }
        await writer.CompleteAsync();
    }

    private static byte[] Gzip(byte[] bytes)
    {
        var output = new MemoryStream();
        using (var gzip = new GZipStream(output, CompressionLevel.Optimal))
            gzip.Write(bytes);
        return output.ToArray();
    }
}
