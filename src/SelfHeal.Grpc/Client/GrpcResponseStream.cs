using System.Runtime.CompilerServices;
using Google.Protobuf;

namespace SelfHeal.Grpc;

/// <summary>The client's side of a response stream; one read at a time.</summary>
/// <typeparam name="TRes">Type of the messages.</typeparam>
public sealed class GrpcResponseStream<TRes>
    where TRes : class, IMessage<TRes>
{
    private readonly GrpcClientCall<TRes> _call;

    internal GrpcResponseStream(GrpcClientCall<TRes> call) => _call = call;

    /// <summary>The message that the last <see cref="MoveNextAsync"/> found.</summary>
    /// <exception cref="InvalidOperationException">There is none.</exception>
    public TRes Current => _call.Current ?? throw new InvalidOperationException("no message has been read");

    /// <summary>Waits for the next message; false when the call has ended with OK.</summary>
    /// <param name="cancellationToken">Cancels the whole call.</param>
    /// <exception cref="GrpcException">The call has ended with another status.</exception>
    public ValueTask<bool> MoveNextAsync(CancellationToken cancellationToken = default) =>
        _call.MoveNextAsync(cancellationToken);

    /// <summary>Reads all messages; fails as <see cref="MoveNextAsync"/> does.</summary>
    public async IAsyncEnumerable<TRes> ReadAllAsync(
        [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        while (await MoveNextAsync(cancellationToken))
            yield return Current;
    }
}
