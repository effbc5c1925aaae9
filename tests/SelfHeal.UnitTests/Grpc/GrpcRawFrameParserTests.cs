using System.Buffers;
using System.Text;
using FsCheck;
using FsCheck.Fluent;
using SelfHeal.Grpc;
using SelfHeal.Grpc.Wire;

namespace SelfHeal.UnitTests.Grpc;

internal sealed class GrpcRawFrameParserTests
{
    private const int Limit = 1000;

    private static readonly byte[] Frames =
    [
        .. GrpcTestData.Frame("first"u8.ToArray()),
        .. GrpcTestData.Frame([]),
        .. GrpcTestData.Frame("third"u8.ToArray()),
    ];

    [Test]
    public void Feed_TwoBuffersCutAtEveryPlace_SameMessages()
    {
        for (var cut = 0; cut <= Frames.Length; cut++)
        {
            var handler = new Recorder();
            using var parser = new GrpcRawFrameParser(handler, Limit, GrpcEncoding.Identity);
            Assert.That(parser.Feed(new ReadOnlySequence<byte>(Frames, 0, cut)), Is.EqualTo(GrpcStatus.Ok));
            Assert.That(parser.Feed(new ReadOnlySequence<byte>(Frames, cut, Frames.Length - cut)),
                Is.EqualTo(GrpcStatus.Ok));
            Assert.That(parser.End(), Is.EqualTo(GrpcStatus.Ok));
            Assert.That(handler.Messages, Is.EqualTo(new[] { "first", "", "third" }), $"cut at {cut}");
        }
    }

    [Test]
    public void Feed_OneBufferOfSegmentsCutAtEveryTwoPlaces_SameMessages()
    {
        for (var first = 0; first <= Frames.Length; first++)
            for (var second = 0; second <= Frames.Length - first; second++)
            {
                var handler = new Recorder();
                using var parser = new GrpcRawFrameParser(handler, Limit, GrpcEncoding.Identity);
                parser.Feed(GrpcTestData.Sequence(Frames, first, 0, second));
                Assert.That(handler.Messages, Is.EqualTo(new[] { "first", "", "third" }), $"cut at {first}, {second}");
            }
    }

    [Test]
    public void Feed_RandomMessagesInRandomPieces_SameMessages()
    {
        var property = Prop.ForAll<byte[][], byte[]>((payloads, pieces) =>
        {
            var all = payloads.Select(p => p ?? []).ToArray();
            var handler = new Recorder();
            using var parser = new GrpcRawFrameParser(handler, Limit, GrpcEncoding.Identity);
            var bytes = all.SelectMany(p => GrpcTestData.Frame(p)).ToArray();
            var start = 0;
            foreach (var piece in pieces.Select(p => (int)p).Append(int.MaxValue))
            {
                var taken = Math.Min(piece, bytes.Length - start);
                if (!parser.Feed(new ReadOnlySequence<byte>(bytes, start, taken)).IsOk)
                    return false;
                start += taken;
            }
            return parser.End().IsOk
                && handler.Messages.SequenceEqual(all.Select(Encoding.Latin1.GetString), StringComparer.Ordinal);
        });
        Check.One(Config.QuickThrowOnFailure, property);
    }

    [Test]
    public void Feed_OverLimit_RefusedBeforeTheHandlerHears()
    {
        var handler = new Recorder();
        using var parser = new GrpcRawFrameParser(handler, Limit, GrpcEncoding.Identity);
        var status = parser.Feed(new ReadOnlySequence<byte>([0, 0, 0, 0x03, 0xe9]));
        Assert.Multiple(() =>
        {
            Assert.That(status.Message, Is.EqualTo("message of 1001 bytes is larger than the limit of 1000 bytes"));
            Assert.That(handler.Started, Is.Zero);
        });
    }

    [Test]
    public void Feed_HandlerRefuses_ItsStatus()
    {
        var refusal = new GrpcStatus(GrpcStatusCode.InvalidArgument, "bad");
        var handler = new Recorder { Refusal = refusal };
        using var parser = new GrpcRawFrameParser(handler, Limit, GrpcEncoding.Identity);
        Assert.That(parser.Feed(new ReadOnlySequence<byte>(Frames)), Is.EqualTo(refusal));
    }

    [Test]
    public void Feed_Gzip_HandlerSeesTheInflatedLength()
    {
        using var compressed = new PooledSegments();
        GrpcGzip.Compress([new byte[900]], compressed);
        var frame = GrpcTestData.Frame(compressed.AsSequence().ToArray(), flag: 1);
        var handler = new Recorder();
        using var parser = new GrpcRawFrameParser(handler, Limit, GrpcEncoding.Gzip);
        foreach (var value in frame)
            Assert.That(parser.Feed(new ReadOnlySequence<byte>([value])), Is.EqualTo(GrpcStatus.Ok));
        Assert.That(handler.Messages, Is.EqualTo(new[] { new string('\0', 900) }));
    }

    [TestCase(1)]
    [TestCase(4)]
    [TestCase(5)]
    [TestCase(9)]
    public void End_InsideAFrame_Truncated(int length)
    {
        using var parser = new GrpcRawFrameParser(new Recorder(), Limit, GrpcEncoding.Identity);
        parser.Feed(new ReadOnlySequence<byte>(Frames, 0, length));
        Assert.That(parser.End(), Is.EqualTo(GrpcWireErrors.Truncated));
    }

    [Test]
    public void Feed_SteadyState_AllocatesNothing()
    {
        // A frame cut into segments that do not line up with it, as Kestrel's 4 KiB blocks do not.
        var bytes = Enumerable.Repeat(GrpcTestData.Frame(new byte[997]), 100).SelectMany(f => f).ToArray();
        var buffer = GrpcTestData.Sequence(bytes, Enumerable.Repeat(4096, bytes.Length / 4096).ToArray());
        var handler = new Counter();
        using var parser = new GrpcRawFrameParser(handler, Limit, GrpcEncoding.Identity);
        var allocated = SteadyState.AllocatedBytes(() =>
        {
            for (var i = 0; i < 200; i++)
                parser.Feed(buffer);
        });
        Assert.Multiple(() =>
        {
            Assert.That(allocated, Is.Zero);
            Assert.That(handler.Bytes, Is.EqualTo(1200L * 100 * 997));
        });
    }

    private sealed class Counter : IGrpcRawHandler
    {
        public long Bytes { get; private set; }

        public void OnMessageStart(int length)
        {
        }

        public GrpcStatus? OnPart(ReadOnlySequence<byte> part, bool end)
        {
            Bytes += part.Length;
            return null;
        }

        public ReadOnlyMemory<byte> Complete() => default;

        public void OnEnd(GrpcStatus status)
        {
        }
    }

    private sealed class Recorder : IGrpcRawHandler
    {
        private readonly StringBuilder _text = new();
        private int _expected;

        public List<string> Messages { get; } = [];

        public int Started { get; private set; }

        public GrpcStatus? Refusal { get; init; }

        public void OnMessageStart(int length)
        {
            Started++;
            _expected = length;
        }

        public GrpcStatus? OnPart(ReadOnlySequence<byte> part, bool end)
        {
            _text.Append(Encoding.Latin1.GetString(part));
            if (!end)
                return Refusal;
            Assert.That(_text.Length, Is.EqualTo(_expected));
            Messages.Add(_text.ToString());
            _text.Clear();
            return Refusal;
        }

        public ReadOnlyMemory<byte> Complete() => default;

        public void OnEnd(GrpcStatus status)
        {
        }
    }
}
