using System.IO.Pipelines;
using Google.Protobuf;
using Microsoft.AspNetCore.Http;
using SelfHeal.Grpc.Wire;

namespace SelfHeal.Grpc;

/// <summary>
/// One call on the server: what the client sent besides messages, what it is sent besides messages, and when to stop.
/// Valid until its handler returns.
/// </summary>
public sealed class GrpcCall
{
    // 1 s: a client that reads has its status long before; one that does not must not hold up the shutdown, which
    // orchestrators limit to 10 to 30 s for everything. Then the stream is reset.
    private static readonly TimeSpan ShutdownGrace = TimeSpan.FromSeconds(1);

    private readonly HttpContext _http;
    private readonly GrpcMetrics _metrics;
    private readonly GrpcCallLifetime _lifetime;
    private GrpcMetadata? _requestHeaders;
    private GrpcMetadata? _responseHeaders;
    private GrpcMetadata? _responseTrailers;
    private GrpcPeer? _peer;
    private GrpcFrameWriter? _writer;

    internal GrpcCall(
        HttpContext http,
        GrpcMethod method,
        GrpcEncoding requestEncoding,
        GrpcCallLifetime lifetime,
        GrpcMetrics metrics)
    {
        _http = http;
        _metrics = metrics;
        _lifetime = lifetime;
        Definition = method;
        RequestEncoding = requestEncoding;
    }

    /// <summary>Full name of the service.</summary>
    public string Service => Definition.Service;

    /// <summary>Name of the method.</summary>
    public string Method => Definition.Name;

    /// <summary>The clock that the server runs on.</summary>
    public TimeProvider TimeProvider => _lifetime.TimeProvider;

    /// <summary>The time that the client gave to the call (<c>grpc-timeout</c>); null means no limit.</summary>
    public TimeSpan? Timeout => _lifetime.Timeout;

    /// <summary>What is left of <see cref="Timeout"/>, by the monotonic clock; null means no limit.</summary>
    public TimeSpan? Remaining => _lifetime.Remaining;

    /// <summary>Metadata that came with the call.</summary>
    public GrpcMetadata RequestHeaders => _requestHeaders ??= ReadRequestHeaders();

    /// <summary>Metadata that goes before the first message; later changes are not sent.</summary>
    public GrpcMetadata ResponseHeaders => _responseHeaders ??= new GrpcMetadata();

    /// <summary>Metadata that goes with the status.</summary>
    public GrpcMetadata ResponseTrailers => _responseTrailers ??= new GrpcMetadata();

    /// <summary>Who called.</summary>
    public GrpcPeer Peer => _peer ??= ReadPeer();

    /// <summary>Fires when the handler should stop; <see cref="CancelReason"/> says why.</summary>
    public CancellationToken CancellationToken => _lifetime.Token;

    /// <summary>Why <see cref="CancellationToken"/> fired; the first reason stays.</summary>
    public GrpcCancelReason CancelReason => _lifetime.CancelReason;

    internal GrpcMethod Definition { get; }

    internal GrpcServiceOptions Options => Definition.Options;

    internal GrpcEncoding RequestEncoding { get; }

    internal PipeReader RequestPipe => _lifetime.RequestPipe;

    internal bool IsBroken => _writer?.IsBroken ?? false;

    /// <summary>Sends the response headers now, before there is a message; does nothing when they have gone.</summary>
    public async ValueTask SendHeadersAsync(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        CancellationToken.ThrowIfCancellationRequested();
        StartResponse();
        // A flush of nothing: StartAsync alone leaves the headers in Kestrel's buffer until there is a message.
        if (!_http.Response.HasStarted)
            await _lifetime.ResponsePipe.FlushAsync(CancellationToken.None);
    }

    internal ValueTask WriteMessageAsync(IMessage message, CancellationToken cancellationToken)
    {
        CancellationToken.ThrowIfCancellationRequested();
        _metrics.Sent(Definition.Path);
        return StartResponse().WriteAsync(message, cancellationToken);
    }

    internal ValueTask WritePayloadAsync(GrpcPayload payload, CancellationToken cancellationToken)
    {
        CancellationToken.ThrowIfCancellationRequested();
        _metrics.Sent(Definition.Path);
        return StartResponse().WriteAsync(payload, cancellationToken);
    }

    internal void CountReceived(long messages) => _metrics.Received(Definition.Path, messages);

    internal void CountRejected(GrpcStatus status) => _metrics.Rejected(Definition.Path, status.Code);

    /// <summary>What a failed read of the connection means to the handler.</summary>
    internal OperationCanceledException ClientGone(IOException exception)
    {
        _lifetime.Cancel(GrpcCancelReason.Cancelled);
        return new OperationCanceledException("the client has gone", exception, CancellationToken);
    }

    /// <summary>The status that an exception out of a handler amounts to.</summary>
    internal GrpcStatus StatusOf(Exception exception) => exception switch
    {
        GrpcException { Status.IsOk: false } failure => failure.Status,
        OperationCanceledException => CancelReason switch
        {
            GrpcCancelReason.DeadlineExceeded => new(GrpcStatusCode.DeadlineExceeded, "the deadline has passed"),
            GrpcCancelReason.Shutdown => GrpcShutdown.Status,
            GrpcCancelReason.SendTimeout => new(GrpcStatusCode.ResourceExhausted, "the client does not read"),
            _ => new(GrpcStatusCode.Cancelled, "the call was cancelled"),
        },
        _ => new(GrpcStatusCode.Internal, "the handler failed"),
    };

    /// <summary>Sends the status and waits until the client has taken everything.</summary>
    internal async Task EndAsync(GrpcStatus status)
    {
        // A client that is gone can be told nothing; one that does not read is told by the reset, which must come
        // before Kestrel would end the stream as if all were well.
        if (CancelReason == GrpcCancelReason.SendTimeout)
            _lifetime.Reset();
        if (CancelReason is GrpcCancelReason.Cancelled or GrpcCancelReason.SendTimeout)
            return;
        if (_http.Response.HasStarted || _responseHeaders is { Count: > 0 })
        {
            StartResponse();
            if (!_http.Response.HasStarted)
                await _http.Response.StartAsync(CancellationToken.None);
            GrpcServerWire.AppendTrailers(_http.Response, status, _responseTrailers);
        }
        else
        {
            GrpcServerWire.SetTrailersOnly(_http.Response, status, _responseTrailers);
        }
        using var grace = CancelReason == GrpcCancelReason.Shutdown
            ? new GrpcDeadline(TimeProvider, ShutdownGrace, _lifetime.Reset)
            : null;
        _lifetime.SendWatch.Start();
        await _http.Response.CompleteAsync();
        _lifetime.SendWatch.Stop();
    }

    private GrpcFrameWriter StartResponse()
    {
        if (_writer is not null)
            return _writer;
        var compress = Options.ResponseCompression
            && GrpcHeaderNames.AcceptsGzip(_http.Request.Headers[GrpcHeaderNames.AcceptEncoding]);
        var encoding = compress ? GrpcEncoding.Gzip : GrpcEncoding.Identity;
        GrpcServerWire.SetHeaders(_http.Response, encoding, _responseHeaders);
        _writer = new GrpcFrameWriter(
            _lifetime.ResponsePipe, Options.MaxSendMessageBytes, encoding, _lifetime.SendWatch, _lifetime.CutToken);
        return _writer;
    }

    private GrpcMetadata ReadRequestHeaders()
    {
        var metadata = new GrpcMetadata();
        foreach (var (name, values) in _http.Request.Headers)
            foreach (var value in values)
                GrpcMetadataWire.AddReceived(metadata, name, value ?? "");
        return metadata;
    }

    private GrpcPeer ReadPeer()
    {
        var connection = _http.Connection;
        if (connection.RemoteIpAddress is { } address)
            return new GrpcPeer(
                new System.Net.IPEndPoint(address, connection.RemotePort).ToString(),
                UnixPath: null,
                connection.ClientCertificate);
        var path = _http.Features.Get<GrpcUnixPath>()?.Path;
        return new GrpcPeer($"unix:{path}", path, connection.ClientCertificate);
    }
}
