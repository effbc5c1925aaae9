using System.Runtime.CompilerServices;
using Google.Protobuf;
using SelfHeal.Grpc.Wire;

namespace SelfHeal.Grpc;

/// <summary>
/// Reads the messages of a request stream one after the other; one read at a time. A read ends when the call does.
/// </summary>
/// <typeparam name="T">Type of the messages.</typeparam>
public sealed class GrpcRequestReader<T>
    where T : class, IMessage<T>
{
    private readonly GrpcCall _call;
    private readonly MessageParser<T> _parser;
    private readonly GrpcFrameReader _frames;
    private GrpcStatus _failure = GrpcStatus.Ok;
    private T? _current;
    private int _reading;

    internal GrpcRequestReader(GrpcCall call, MessageParser<T> parser)
    {
        _call = call;
        _parser = parser;
        _frames = new GrpcFrameReader(call.RequestPipe, call.Options.MaxReceiveMessageBytes, call.RequestEncoding);
    }

    /// <summary>The message that the last <see cref="MoveNextAsync"/> found.</summary>
    /// <exception cref="InvalidOperationException">There is none.</exception>
    public T Current => _current ?? throw new InvalidOperationException("no message has been read");

    /// <summary>Waits for the next message; false when the client has sent all.</summary>
    /// <exception cref="GrpcException">The client sent bytes that are refused; let it end the call.</exception>
    /// <exception cref="OperationCanceledException">The token fired, or the call's own did.</exception>
    public async ValueTask<bool> MoveNextAsync(CancellationToken cancellationToken)
    {
        if (Interlocked.Exchange(ref _reading, 1) != 0)
            throw new InvalidOperationException("a read of this stream is still under way");
        try
        {
            _call.CancellationToken.ThrowIfCancellationRequested();
            if (_failure.IsOk)
                (_failure, _current) = await _frames.ReadAsync(_parser, cancellationToken);
            if (!_failure.IsOk)
            {
                _call.CountRejected(_failure);
                throw new GrpcException(_failure);
            }
        }
        catch (IOException exception)
        {
            throw _call.ClientGone(exception);
        }
        finally
        {
            Volatile.Write(ref _reading, 0);
        }
        if (_current is not null)
            _call.CountReceived(1);
        return _current is not null;
    }

    /// <summary>Reads until the client has sent all; fails as <see cref="MoveNextAsync"/> does.</summary>
    public async IAsyncEnumerable<T> ReadAllAsync(
        [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        while (await MoveNextAsync(cancellationToken))
            yield return Current;
    }
}
