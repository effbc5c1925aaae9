using System.IO.Pipelines;
using System.Net;

namespace SelfHeal.Grpc;

/// <summary>A request body that is written while the response is read.</summary>
internal sealed class GrpcPushContent : HttpContent
{
    private readonly TaskCompletionSource<PipeWriter> _opened = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>The pipe into the request stream, once there is one; fails when the call does before.</summary>
    public Task<PipeWriter> Opened => _opened.Task;

    /// <summary>Half-closes the stream: all messages have been sent.</summary>
    public void End()
    {
        _opened.TrySetCanceled();
        _ended.TrySetResult();
    }

    /// <summary>Gives the stream up: it is reset unless it has been half-closed.</summary>
    public void Abandon()
    {
        _opened.TrySetCanceled();
        _ended.TrySetCanceled();
    }

    protected override async Task SerializeToStreamAsync(
        Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        // The handler starts again on another connection when one dies early; the messages are gone by then.
        if (_opened.Task.IsCompleted)
            throw new IOException("the connection was lost before the request had been answered");
        // Sends the headers now: the first message may come much later.
        await stream.FlushAsync(cancellationToken);
        _opened.TrySetResult(PipeWriter.Create(stream, new StreamPipeWriterOptions(leaveOpen: true)));
        await _ended.Task.WaitAsync(cancellationToken);
    }

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) =>
        SerializeToStreamAsync(stream, context, CancellationToken.None);

    protected override bool TryComputeLength(out long length)
    {
        length = 0;
        return false;
    }
}
