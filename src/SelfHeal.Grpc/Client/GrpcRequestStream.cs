using Google.Protobuf;
using SelfHeal.Grpc.Wire;

namespace SelfHeal.Grpc;

/// <summary>
/// The client's side of a request stream; one write at a time. A write returns when HTTP/2 flow control has let the
/// message through. When a write fails because the call has ended, read the response: the outcome is there.
/// </summary>
/// <typeparam name="TReq">Type of the messages.</typeparam>
public sealed class GrpcRequestStream<TReq>
    where TReq : class, IMessage<TReq>
{
    private readonly Func<Func<GrpcFrameWriter, CancellationToken, ValueTask>, CancellationToken, ValueTask> _write;
    private readonly Func<CancellationToken, ValueTask> _complete;

    internal GrpcRequestStream(
        Func<Func<GrpcFrameWriter, CancellationToken, ValueTask>, CancellationToken, ValueTask> write,
        Func<CancellationToken, ValueTask> complete)
    {
        _write = write;
        _complete = complete;
    }

    /// <summary>Sends a message.</summary>
    /// <exception cref="GrpcException">The call has ended, or the message is larger than the limit.</exception>
    /// <exception cref="OperationCanceledException">The token fired; no other message can follow.</exception>
    public ValueTask WriteAsync(TReq message, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(message);
        return _write((writer, token) => writer.WriteAsync(message, token), cancellationToken);
    }

    /// <summary>Sends a message that is encoded already, without copying it whole.</summary>
    /// <inheritdoc cref="WriteAsync(TReq, CancellationToken)"/>
    public ValueTask WriteAsync(GrpcPayload payload, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(payload);
        return _write((writer, token) => writer.WriteAsync(payload, token), cancellationToken);
    }

    /// <summary>
    /// Sends the bytes of a message as they are, whatever they mean: for benchmarks and tests of faults.
    /// </summary>
    /// <inheritdoc cref="WriteAsync(TReq, CancellationToken)"/>
    public ValueTask WriteRawAsync(ReadOnlyMemory<byte> message, CancellationToken cancellationToken = default) =>
        WriteAsync(new GrpcPayload(message), cancellationToken);

    /// <summary>Sends bytes without a frame around them: for tests of malformed streams.</summary>
    /// <inheritdoc cref="WriteAsync(TReq, CancellationToken)"/>
    public ValueTask WriteUnframedAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken = default) =>
        _write((writer, token) => writer.WriteUnframedAsync(bytes, token), cancellationToken);

    /// <summary>Half-closes the call: all messages have been sent. Does nothing when the call has ended.</summary>
    public ValueTask CompleteAsync(CancellationToken cancellationToken = default) => _complete(cancellationToken);
}
