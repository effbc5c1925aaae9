using System.IO.Pipelines;
using System.Net;
using Google.Protobuf;
using SelfHeal.Grpc.Wire;

namespace SelfHeal.Grpc;

/// <summary>One call of the client: an HTTP/2 stream whose two directions are used independently.</summary>
internal sealed class GrpcClientCall<TRes> : IDisposable
    where TRes : class, IMessage<TRes>
{
    // 32 KiB at a time: two HTTP/2 frames of the default size.
    private static readonly StreamPipeReaderOptions ReaderOptions = new(bufferSize: 32 * 1024);

    private readonly GrpcCallOptions _options;
    private readonly MessageParser<TRes> _parser;
    private readonly int _maxReceiveMessageBytes;
    private readonly int _maxSendMessageBytes;
    private readonly GrpcPushContent _content = new();
    private readonly CancellationTokenSource _cancelled = new();
    private readonly CancellationTokenRegistration _callerCancelled;
    private readonly GrpcDeadline? _deadline;
    private readonly Task<HttpResponseMessage> _responding;
    private volatile HttpResponseMessage? _response;
    private GrpcFrameWriter? _writer;
    private PipeWriter? _requestPipe;
    private PipeReader? _responsePipe;
    private GrpcFrameReader? _reader;
    private GrpcStatus? _status;
    private GrpcStatus? _sendFailure;
    private int _deadlinePassed;

    public GrpcClientCall(
        TimeProvider timeProvider,
        HttpMessageInvoker http,
        Uri uri,
        MessageParser<TRes> parser,
        GrpcChannelOptions channel,
        GrpcCallOptions options,
        CancellationToken cancellationToken)
    {
        _options = options;
        _parser = parser;
        _maxReceiveMessageBytes = options.MaxReceiveMessageBytes ?? channel.MaxReceiveMessageBytes;
        _maxSendMessageBytes = channel.MaxSendMessageBytes;
        if (options.Timeout is { } timeout)
            _deadline = new GrpcDeadline(timeProvider, timeout, OnDeadline);
        _callerCancelled = cancellationToken.UnsafeRegister(
            static state => ((GrpcClientCall<TRes>)state!).Cancel(), this);
        _responding = SendAsync(http, GrpcClientWire.MakeRequest(uri, options, _content));
    }

    public GrpcStatus? Status => _status;

    public GrpcMetadata Headers { get; private set; } = new();

    public GrpcMetadata Trailers { get; private set; } = new();

    public TRes? Current { get; private set; }

    public async ValueTask WriteAsync(
        Func<GrpcFrameWriter, CancellationToken, ValueTask> write, CancellationToken cancellationToken)
    {
        try
        {
            _requestPipe ??= await _content.Opened.WaitAsync(cancellationToken);
            _writer ??= new GrpcFrameWriter(
                _requestPipe,
                _maxSendMessageBytes,
                _options.Compress ? GrpcEncoding.Gzip : GrpcEncoding.Identity,
                watch: null,
                _cancelled.Token);
            using var registration = _cancelled.Token.UnsafeRegister(
                static state => ((PipeWriter)state!).CancelPendingFlush(), _requestPipe);
            await write(_writer, cancellationToken);
        }
        catch (Exception exception) when (exception is IOException or HttpRequestException or ObjectDisposedException)
        {
            throw new GrpcException(_status ?? StatusOf(exception), Trailers, exception);
        }
        catch (OperationCanceledException exception) when (!cancellationToken.IsCancellationRequested)
        {
            throw new GrpcException(_status ?? StatusOf(exception), Trailers, exception);
        }
    }

    public async ValueTask CompleteAsync(CancellationToken cancellationToken)
    {
        try
        {
            await _content.Opened.WaitAsync(cancellationToken);
        }
        catch (Exception exception) when (
            exception is OperationCanceledException or HttpRequestException or IOException)
        {
            // The call has ended already; its outcome is read from the response.
            cancellationToken.ThrowIfCancellationRequested();
        }
        _content.End();
    }

    /// <summary>Waits for the response headers.</summary>
    public async Task<GrpcMetadata> ReadHeadersAsync(CancellationToken cancellationToken)
    {
        await OpenResponseAsync(cancellationToken);
        return Headers;
    }

    /// <summary>Reads the next message; false at the end of a call that succeeded.</summary>
    public async ValueTask<bool> MoveNextAsync(CancellationToken cancellationToken)
    {
        Current = null;
        if (_status is { } ended)
            return ended.IsOk ? false : throw new GrpcException(ended, Trailers);
        using var registration = cancellationToken.UnsafeRegister(
            static state => ((GrpcClientCall<TRes>)state!).Cancel(), this);
        try
        {
            await OpenResponseAsync(CancellationToken.None);
            if (_reader is not null)
            {
                (var status, Current) = await _reader.ReadAsync(_parser, _cancelled.Token);
                if (!status.IsOk)
                    return Finish(status);
                if (Current is not null)
                    return true;
            }
            var response = await _responding;
            var (final, trailers) = GrpcClientWire.ReadStatus(response, trailersOnly: _reader is null);
            Trailers = trailers;
            return Finish(final);
        }
        catch (Exception exception) when (exception is IOException or HttpRequestException
            or OperationCanceledException or ObjectDisposedException)
        {
            return Finish(StatusOf(exception), exception);
        }
    }

    /// <summary>Reads the only message of a response and the status after it.</summary>
    public async Task<TRes> ReadSingleAsync()
    {
        if (!await MoveNextAsync(CancellationToken.None))
            throw new GrpcException(GrpcWireErrors.NoMessage, Trailers);
        var response = Current!; // Not null: MoveNextAsync said so.
        return await MoveNextAsync(CancellationToken.None)
            ? throw new GrpcException(GrpcWireErrors.ExtraMessage, Trailers)
            : response;
    }

    public void Cancel()
    {
        _cancelled.Cancel();

        // Once the headers are there the token may reach nobody: what resets the stream is to let its response go. One
        // that comes at this very moment is let go by SendAsync, which looks at the token after it has shown it.
        _response?.Dispose();
    }

    /// <summary>Ends the call because its only request cannot be sent: there is no response to wait for.</summary>
    public void FailToSend(GrpcStatus status)
    {
        _sendFailure = status;
        Cancel();
    }

    public void Dispose()
    {
        _status ??= new GrpcStatus(GrpcStatusCode.Cancelled, "the call was given up");
        Release();
    }

    private async Task<HttpResponseMessage> SendAsync(HttpMessageInvoker http, HttpRequestMessage request)
    {
        try
        {
            var response = await http.SendAsync(request, _cancelled.Token);
            _response = response;
            if (!_cancelled.IsCancellationRequested)
                return response;
            // Given up at the very moment when the headers came; nobody else lets the stream go.
            response.Dispose();
            throw new OperationCanceledException(_cancelled.Token);
        }
        finally
        {
            // A writer may wait for a stream that will never be opened; its failure is told by the response.
            if (!_content.Opened.IsCompletedSuccessfully)
                _content.Abandon();
        }
    }

    private async ValueTask OpenResponseAsync(CancellationToken cancellationToken)
    {
        var response = await _responding.WaitAsync(cancellationToken);
        if (_reader is not null || response.Headers.NonValidated.Contains(GrpcHeaderNames.Status))
            return;
        var contentType = response.Content.Headers.ContentType?.ToString();
        if (response.StatusCode != HttpStatusCode.OK || !GrpcHeaderNames.IsGrpcContentType(contentType))
        {
            Finish(GrpcClientErrors.OfHttpStatus(response.StatusCode, contentType));
            return;
        }
        Headers = GrpcClientWire.ReadMetadata(response.Headers);
        var encodingText = GrpcClientWire.Single(response.Headers, GrpcHeaderNames.Encoding);
        if (GrpcHeaderNames.ParseEncoding(encodingText) is not { } encoding)
        {
            Finish(new(GrpcStatusCode.Internal,
                $"the server chose grpc-encoding '{encodingText}', which we did not offer"));
            return;
        }
        _responsePipe = PipeReader.Create(await response.Content.ReadAsStreamAsync(cancellationToken), ReaderOptions);
        _reader = new GrpcFrameReader(_responsePipe, _maxReceiveMessageBytes, encoding);
    }

    /// <summary>Ends the call: returns false for OK, throws otherwise.</summary>
    private bool Finish(GrpcStatus status, Exception? cause = null)
    {
        _status ??= status;
        Current = null;
        Release();
        return status.IsOk ? false : throw new GrpcException(status, Trailers, cause);
    }

    private void Release()
    {
        _callerCancelled.Unregister();
        _deadline?.Dispose();
        _content.Abandon();
        if (_response is { } response)
            response.Dispose(); // Resets the stream when it has not ended.
        else
            _cancelled.Cancel();
    }

    private void OnDeadline()
    {
        Volatile.Write(ref _deadlinePassed, 1);
        Cancel();
    }

    private GrpcStatus StatusOf(Exception exception) =>
        Volatile.Read(ref _deadlinePassed) == 1
            ? new(GrpcStatusCode.DeadlineExceeded, "the deadline has passed")
            : _sendFailure is { } sendFailure ? sendFailure
            : _cancelled.IsCancellationRequested
            ? new(GrpcStatusCode.Cancelled, "the call was cancelled")
            : GrpcClientErrors.OfException(exception);
}
