using Google.Protobuf;

namespace SelfHeal.Grpc;

/// <summary>
/// Writes the messages of a response stream; one write at a time. A write returns when HTTP/2 flow control has let the
/// message through, so a slow client slows its own handler down and nothing is queued.
/// </summary>
/// <typeparam name="T">Type of the messages.</typeparam>
public sealed class GrpcResponseWriter<T>
    where T : class, IMessage<T>
{
    private readonly GrpcCall _call;

    internal GrpcResponseWriter(GrpcCall call) => _call = call;

    /// <summary>Sends a message.</summary>
    /// <exception cref="GrpcException">The message is larger than the limit (RESOURCE_EXHAUSTED); nothing was sent.
    /// </exception>
    /// <exception cref="OperationCanceledException">The token fired, or the call's own did; the message may have been
    /// sent in part, and then no other can follow.</exception>
    /// <exception cref="InvalidOperationException">Another write is under way.</exception>
    public ValueTask WriteAsync(T message, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(message);
        return _call.WriteMessageAsync(message, cancellationToken);
    }

    /// <summary>Sends a message that is encoded already, without copying it whole.</summary>
    /// <inheritdoc cref="WriteAsync(T, CancellationToken)"/>
    public ValueTask WriteAsync(GrpcPayload payload, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(payload);
        return _call.WritePayloadAsync(payload, cancellationToken);
    }
}
