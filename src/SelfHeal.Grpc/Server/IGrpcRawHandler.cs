using System.Buffers;

namespace SelfHeal.Grpc;

/// <summary>
/// Takes the request stream of one raw call: messages are handed over in parts as they arrive and are never
/// kept whole. Methods are called one at a time, in order; they must not block. An exception ends the call with
/// INTERNAL.
/// </summary>
/// <remarks>
/// Order: (<see cref="OnMessageStart"/>, <see cref="OnPart"/> one or more times, the last with <c>end</c>) for
/// each message, then <see cref="Complete"/> if the client ended the stream in order, then <see cref="OnEnd"/> always.
/// </remarks>
public interface IGrpcRawHandler
{
    /// <summary>A message begins.</summary>
    /// <param name="length">Bytes in all its parts together, within the method's limit, after decompression.</param>
    void OnMessageStart(int length);

    /// <summary>The next bytes of the message.</summary>
    /// <param name="part">Valid only during this call; empty for an empty message.</param>
    /// <param name="end">Whether the message ends with this part.</param>
    /// <returns>Null to go on; a status that is not OK ends the call with it, for example on a bad payload.</returns>
    GrpcStatus? OnPart(ReadOnlySequence<byte> part, bool end);

    /// <summary>
    /// The client has sent all messages: gives the encoded response message (empty is a valid message).
    /// </summary>
    ReadOnlyMemory<byte> Complete();

    /// <summary>The call is over; called exactly once, whatever happened.</summary>
    /// <param name="status">What the client is, or would be, told.</param>
    void OnEnd(GrpcStatus status);
}
