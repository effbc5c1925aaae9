using Google.Protobuf;

namespace SelfHeal.Grpc;

/// <summary>A call with a stream each way. Dispose it.</summary>
/// <typeparam name="TReq">Type of requests.</typeparam>
/// <typeparam name="TRes">Type of responses.</typeparam>
public sealed class GrpcDuplexCall<TReq, TRes> : IDisposable
    where TReq : class, IMessage<TReq>
    where TRes : class, IMessage<TRes>
{
    private readonly GrpcClientCall<TRes> _call;

    internal GrpcDuplexCall(GrpcClientCall<TRes> call)
    {
        _call = call;
        RequestStream = new GrpcRequestStream<TReq>(call.WriteAsync, call.CompleteAsync);
        ResponseStream = new GrpcResponseStream<TRes>(call);
    }

    /// <summary>Where requests are written.</summary>
    public GrpcRequestStream<TReq> RequestStream { get; }

    /// <summary>Where responses are read.</summary>
    public GrpcResponseStream<TRes> ResponseStream { get; }

    /// <summary>How the call ended; null while it has not.</summary>
    public GrpcStatus? Status => _call.Status;

    /// <summary>Metadata that came with the status; empty until then.</summary>
    public GrpcMetadata Trailers => _call.Trailers;

    /// <summary>Waits for the metadata that comes before the first message.</summary>
    /// <exception cref="GrpcException">The call ended before.</exception>
    public Task<GrpcMetadata> ReadHeadersAsync(CancellationToken cancellationToken = default) =>
        _call.ReadHeadersAsync(cancellationToken);

    /// <summary>Cancels the call; reads and writes then fail with CANCELLED.</summary>
    public void Cancel() => _call.Cancel();

    /// <summary>Cancels the call unless it has ended, and lets its stream go.</summary>
    public void Dispose() => _call.Dispose();
}
