using System.Buffers;
using System.IO.Pipelines;
using Google.Protobuf;

namespace SelfHeal.Grpc.Wire;

/// <summary>
/// Takes whole messages from a pipe. A message is parsed where it lies in the pipe's pooled buffers; its size is
/// checked when its header has come, before its bytes are waited for.
/// </summary>
internal sealed class GrpcFrameReader(PipeReader pipe, int maxMessageBytes, GrpcEncoding encoding)
{
    /// <summary>
    /// Reads one message: OK and a message, OK and null at the end of the stream, or the status that the stream has
    /// earned. After a status that is not OK the stream cannot be read further.
    /// </summary>
    /// <exception cref="OperationCanceledException">The token fired, or
    /// <see cref="PipeReader.CancelPendingRead"/> was called.</exception>
    public async ValueTask<(GrpcStatus Status, T? Message)> ReadAsync<T>(
        MessageParser<T> parser, CancellationToken cancellationToken)
        where T : class, IMessage<T>
    {
        while (true)
        {
            var result = await pipe.ReadAsync(cancellationToken);
            var buffer = result.Buffer;
            var consumed = buffer.Start;
            var examined = buffer.End;
            try
            {
                if (result.IsCanceled)
                    throw new OperationCanceledException("the call has ended");
                if (TryReadFrame(buffer, out var header, out var payload, out var status))
                {
                    consumed = examined = payload.End;
                    return Decode(parser, header, payload);
                }
                if (!status.IsOk)
                    return (status, null);
                if (result.IsCompleted)
                    return (buffer.IsEmpty ? GrpcStatus.Ok : GrpcWireErrors.Truncated, null);
            }
            finally
            {
                pipe.AdvanceTo(consumed, examined);
            }
        }
    }

    /// <summary>Finds the first frame; false with OK means that more bytes are needed.</summary>
    internal bool TryReadFrame(
        in ReadOnlySequence<byte> buffer,
        out GrpcFrameHeader header,
        out ReadOnlySequence<byte> payload,
        out GrpcStatus status)
    {
        payload = default;
        status = GrpcStatus.Ok;
        if (!GrpcFrameHeader.TryRead(buffer, out header))
            return false;
        status = header.Check(maxMessageBytes, encoding);
        if (!status.IsOk || buffer.Length - GrpcFrameHeader.Size < header.Length)
            return false;
        payload = buffer.Slice(GrpcFrameHeader.Size, header.Length);
        return true;
    }

    private (GrpcStatus Status, T? Message) Decode<T>(
        MessageParser<T> parser, GrpcFrameHeader header, in ReadOnlySequence<byte> payload)
        where T : class, IMessage<T>
    {
        try
        {
            if (!header.IsCompressed)
                return (GrpcStatus.Ok, parser.ParseFrom(payload));
            using var inflated = new PooledSegments();
            var status = GrpcGzip.Decompress(payload, maxMessageBytes, inflated);
            return status.IsOk ? (status, parser.ParseFrom(inflated.AsSequence())) : (status, null);
        }
        catch (Exception exception) when (exception is InvalidProtocolBufferException or InvalidOperationException)
        {
            // Protobuf reports a malformed message only by throwing; the text of the exception says nothing more. A
            // wrapper (google.protobuf.UInt32Value and the like) that is cut short is an InvalidOperationException.
            return (GrpcWireErrors.BadProtobuf, null);
        }
    }
}
