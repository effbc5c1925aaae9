using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace SelfHeal.Benchmarks.Delegation;

/// <summary>
/// Finds the gRPC messages in the bytes that an HTTP/2 server sends (RFC 9113): data frames, stream by stream. Used by
/// one thread at a time.
/// </summary>
/// <param name="onMessage">Called with each message.</param>
internal sealed class GrpcFrameScanner(Action<byte[]> onMessage)
{
    private const int FrameHeaderLength = 9;
    private const int MessageHeaderLength = 5;
    private const byte Data = 0;
    private const byte Padded = 8;

    private readonly Dictionary<int, List<byte>> _streams = [];
    private readonly List<byte> _bytes = [];

    /// <summary>Takes the next bytes of the connection.</summary>
    public void Take(ReadOnlyMemory<byte> bytes)
    {
        _bytes.AddRange(bytes.Span);
        var all = CollectionsMarshal.AsSpan(_bytes);
        var place = 0;
        while (all.Length - place >= FrameHeaderLength)
        {
            var frame = all[place..];
            var length = BinaryPrimitives.ReadInt32BigEndian(frame) >>> 8;
            if (frame.Length < FrameHeaderLength + length)
                break;
            var stream = BinaryPrimitives.ReadInt32BigEndian(frame[5..]);
            if (frame[3] == Data)
                TakeData(stream, frame[4], frame.Slice(FrameHeaderLength, length));
            place += FrameHeaderLength + length;
        }

        _bytes.RemoveRange(0, place);
    }

    private void TakeData(int stream, byte flags, ReadOnlySpan<byte> payload)
    {
        if ((flags & Padded) != 0)
            throw new InvalidDataException("the server pads its frames");
        if (!_streams.TryGetValue(stream, out var pending))
            _streams.Add(stream, pending = []);
        pending.AddRange(payload);
        while (pending.Count >= MessageHeaderLength)
        {
            var all = CollectionsMarshal.AsSpan(pending);
            var length = BinaryPrimitives.ReadInt32BigEndian(all[1..]);
            if (all.Length < MessageHeaderLength + length)
                return;
            onMessage(all.Slice(MessageHeaderLength, length).ToArray());
            pending.RemoveRange(0, MessageHeaderLength + length);
        }
    }
}
