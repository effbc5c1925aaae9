using System.Buffers;

namespace SelfHeal.Grpc.Wire;

/// <summary>Makes one sequence of several segments.</summary>
internal static class ByteSequence
{
    public static ReadOnlySequence<byte> Of(ReadOnlySpan<ReadOnlyMemory<byte>> segments)
    {
        if (segments.Length == 0)
            return ReadOnlySequence<byte>.Empty;
        if (segments.Length == 1)
            return new ReadOnlySequence<byte>(segments[0]);
        var first = new Segment(segments[0]);
        var last = first;
        foreach (var memory in segments[1..])
            last = last.Append(memory);
        return new ReadOnlySequence<byte>(first, 0, last, last.Memory.Length);
    }

    private sealed class Segment : ReadOnlySequenceSegment<byte>
    {
        public Segment(ReadOnlyMemory<byte> memory) => Memory = memory;

        public Segment Append(ReadOnlyMemory<byte> memory)
        {
            var next = new Segment(memory) { RunningIndex = RunningIndex + Memory.Length };
            Next = next;
            return next;
        }
    }
}
