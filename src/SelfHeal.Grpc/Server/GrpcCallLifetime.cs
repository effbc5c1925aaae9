using System.IO.Pipelines;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using SelfHeal.Grpc.Wire;

namespace SelfHeal.Grpc;

/// <summary>Watches everything that can end one call before its handler returns; the first reason stays.</summary>
internal sealed class GrpcCallLifetime : IDisposable
{
    // 1 s: a client that reads has the rest of the message long before; one that does not must not hold up the
    // shutdown, which orchestrators limit to 10 to 30 s for everything.
    private static readonly TimeSpan DrainGrace = TimeSpan.FromSeconds(1);

    private readonly IHttpResetFeature? _reset;
    private readonly CancellationTokenSource _cancelled = new();
    private readonly CancellationTokenSource _cut = new();
    private readonly CancellationTokenRegistration _aborted;
    private readonly CancellationTokenRegistration _shutdown;
    private readonly GrpcDeadline? _deadline;
    private readonly Lock _gate = new();
    private GrpcDeadline? _drain;
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

    /// <summary>
    /// Fires when a message under way must be given up: with <see cref="Token"/>, but at a shutdown a moment later, for
    /// half a message is worth nothing to the client.
    /// </summary>
    public CancellationToken CutToken => _cut.Token;

    public GrpcCancelReason CancelReason => (GrpcCancelReason)Volatile.Read(ref _cancelReason);

    public void Cancel(GrpcCancelReason reason)
    {
        if (Interlocked.CompareExchange(ref _cancelReason, (int)reason, (int)GrpcCancelReason.None) != 0)
            return;
        if (reason != GrpcCancelReason.Shutdown)
            _cut.Cancel();
        _cancelled.Cancel();
        // When the client has gone Kestrel fails reads and ends flushes by itself.
        if (reason == GrpcCancelReason.Cancelled)
            return;
        // Under the gate, because Kestrel reuses the pipes for another call when this one has ended.
        lock (_gate)
        {
            if (_ended)
                return;
            if (reason == GrpcCancelReason.Shutdown)
                _drain = new GrpcDeadline(TimeProvider, DrainGrace, CutOff);
            else
                Wake(ResponsePipe.CancelPendingFlush);
            Wake(RequestPipe.CancelPendingRead);
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
        _drain?.Dispose();
        SendWatch.Dispose();
    }

    private void CutOff()
    {
        _cut.Cancel();
        lock (_gate)
        {
            if (!_ended)
                Wake(ResponsePipe.CancelPendingFlush);
        }
    }

    private static void Wake(Action pipe)
    {
        try
        {
            pipe();
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
