using System.IO.Pipelines;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using SelfHeal.Grpc.Wire;

namespace SelfHeal.Grpc;

/// <summary>Watches everything that can end one call before its handler returns; the first reason stays.</summary>
internal sealed class GrpcCallLifetime : IDisposable
{
    private readonly IHttpResetFeature? _reset;
    private readonly CancellationTokenSource _cancelled = new();
    private readonly CancellationTokenRegistration _aborted;
    private readonly CancellationTokenRegistration _shutdown;
    private readonly GrpcDeadline? _deadline;
    private readonly Lock _gate = new();
    private int _cancelReason;
    private bool _ended;

    public GrpcCallLifetime(
        TimeProvider timeProvider,
        HttpContext http,
        TimeSpan sendTimeout,
        TimeSpan? timeout,
        CancellationToken shutdown)
    {
        TimeProvider = timeProvider;
        Timeout = timeout;
        RequestPipe = http.Request.BodyReader;
        ResponsePipe = http.Response.BodyWriter;
        _reset = http.Features.Get<IHttpResetFeature>();
        SendWatch = new GrpcSendWatch(timeProvider, sendTimeout, OnSendTimeout);
        _aborted = http.RequestAborted.UnsafeRegister(
            static state => ((GrpcCallLifetime)state!).Cancel(GrpcCancelReason.Cancelled), this);
        _shutdown = shutdown.UnsafeRegister(
            static state => ((GrpcCallLifetime)state!).Cancel(GrpcCancelReason.Shutdown), this);
        if (timeout is { } given)
            _deadline = new GrpcDeadline(timeProvider, given, () => Cancel(GrpcCancelReason.DeadlineExceeded));
    }

    public TimeProvider TimeProvider { get; }

    public TimeSpan? Timeout { get; }

    public TimeSpan? Remaining => _deadline?.Remaining;

    public PipeReader RequestPipe { get; }

    public PipeWriter ResponsePipe { get; }

    public GrpcSendWatch SendWatch { get; }

    public CancellationToken Token => _cancelled.Token;

    public GrpcCancelReason CancelReason => (GrpcCancelReason)Volatile.Read(ref _cancelReason);

    public void Cancel(GrpcCancelReason reason)
    {
        if (Interlocked.CompareExchange(ref _cancelReason, (int)reason, (int)GrpcCancelReason.None) != 0)
            return;
        _cancelled.Cancel();
        // When the client has gone Kestrel fails reads and ends flushes by itself.
        if (reason == GrpcCancelReason.Cancelled)
            return;
        // Under the gate, because Kestrel reuses the pipes for another call when this one has ended.
        lock (_gate)
        {
            if (!_ended)
                WakePipes();
        }
    }

    /// <summary>Cuts the stream off; the connection and its other streams go on.</summary>
    public void Reset()
    {
        lock (_gate)
        {
            // PROTOCOL-HTTP2.md, "Errors": ENHANCE_YOUR_CALM (11) is how lack of bandwidth is told. Should the
            // connection itself be stuck, Kestrel's keep-alive ping ends it.
            if (!_ended)
                _reset?.Reset(errorCode: 11);
        }
    }

    public void Dispose()
    {
        lock (_gate)
            _ended = true;
        // Unregister does not wait for a callback under way; the gate makes such a callback harmless. The source of the
        // token is left to the garbage collector, because such a callback may still cancel it.
        _aborted.Unregister();
        _shutdown.Unregister();
        _deadline?.Dispose();
        SendWatch.Dispose();
    }

    private void WakePipes()
    {
        try
        {
            ResponsePipe.CancelPendingFlush();
            RequestPipe.CancelPendingRead();
        }
        catch (Exception exception) when (exception is IOException or OperationCanceledException)
        {
            // The client has gone at the same moment; then nobody waits for the pipes any more.
        }
    }

    private void OnSendTimeout()
    {
        // First of all the writer is woken: once the stream is reset, Kestrel would leave its flush pending for as long
        // as the socket is stuck.
        Cancel(GrpcCancelReason.SendTimeout);
        Reset();
    }
}
