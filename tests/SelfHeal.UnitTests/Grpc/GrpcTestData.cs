using System.Buffers;
using System.Buffers.Binary;
using Google.Protobuf;

namespace SelfHeal.UnitTests.Grpc;

/// <summary>Frames and sequences for the framing tests.</summary>
internal static class GrpcTestData
{
    public static byte[] Frame(IMessage message) => Frame(message.ToByteArray());

    public static byte[] Frame(byte[] payload, byte flag = 0)
    {
        var frame = new byte[5 + payload.Length];
        frame[0] = flag;
        BinaryPrimitives.WriteUInt32BigEndian(frame.AsSpan(1), (uint)payload.Length);
        payload.CopyTo(frame, 5);
        return frame;
    }

    /// <summary>
    /// A sequence of segments of the given lengths; the last takes the rest; empty segments are kept.
    /// </summary>
    public static ReadOnlySequence<byte> Sequence(byte[] bytes, params int[] lengths)
    {
        var first = new Segment(default, 0);
        var last = first;
        var start = 0;
        foreach (var length in lengths.Append(int.MaxValue))
        {
            var taken = Math.Min(length, bytes.Length - start);
            last = last.Append(bytes.AsMemory(start, taken));
            start += taken;
        }
        return new ReadOnlySequence<byte>(first, 0, last, last.Memory.Length);
    }

    private sealed class Segment : ReadOnlySequenceSegment<byte>
    {
        public Segment(ReadOnlyMemory<byte> memory, long runningIndex)
        {
            Memory = memory;
            RunningIndex = runningIndex;
        }

        public Segment Append(ReadOnlyMemory<byte> memory)
        {
            var next = new Segment(memory, RunningIndex + Memory.Length);
            Next = next;
            return next;
        }
    }
}
