using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Threading.Channels;
using Google.Protobuf;
using Microsoft.Extensions.Logging;
using SelfHeal.Grpc;

namespace SelfHeal.Sidecar.Delegation;

/// <summary>
/// Keeps one stream to the upstream open for one Envoy: connects, reads, connects again. It decides nothing; its owner
/// takes what came and gives it one request at a time.
/// </summary>
/// <typeparam name="TRequest">The type of requests.</typeparam>
/// <typeparam name="TResponse">The type of responses.</typeparam>
internal sealed partial class UpstreamLink<TRequest, TResponse>
    where TRequest : class, IMessage<TRequest>
    where TResponse : class, IMessage<TResponse>
{
    // What is read ahead of the owner; the rest waits in HTTP/2 flow control.
    private const int ReadAhead = 4;

    private readonly UpstreamPool _pool;
    private readonly string _method;
    private readonly MessageParser<TResponse> _parser;
    private readonly GrpcMetadata _received;
    private readonly RelayMeter _meter;
    private readonly TimeProvider _time;
    private readonly Action _wake;
    private readonly ILogger _logger;
    private readonly Channel<UpstreamEvent<TRequest, TResponse>> _events =
        Channel.CreateBounded<UpstreamEvent<TRequest, TResponse>>(
            new BoundedChannelOptions(ReadAhead) { SingleReader = true, SingleWriter = true });

    private volatile string _problem = "";

    // The owner's: what it writes to is the stream that it was last told of.
    private GrpcDuplexCall<TRequest, TResponse>? _call;
    private Task _writing = Task.CompletedTask;

    /// <param name="pool">Where to.</param>
    /// <param name="method">The method of the aggregated service.</param>
    /// <param name="parser">Reads responses.</param>
    /// <param name="received">What Envoy sent with its stream.</param>
    /// <param name="meter">Counts.</param>
    /// <param name="time">The clock of pauses.</param>
    /// <param name="wake">There is something to take, or room for a request.</param>
    /// <param name="logger">Where comings and goings are told.</param>
    public UpstreamLink(
        UpstreamPool pool,
        string method,
        MessageParser<TResponse> parser,
        GrpcMetadata received,
        RelayMeter meter,
        TimeProvider time,
        Action wake,
        ILogger logger)
    {
        _pool = pool;
        _method = method;
        _parser = parser;
        _received = received;
        _meter = meter;
        _time = time;
        _wake = wake;
        _logger = logger;
    }

    /// <summary>Whether a request can be given to it now.</summary>
    public bool IsWritable => _call is not null && _writing.IsCompleted;

    /// <summary>Why there is no upstream; empty while there is one, and before the first attempt has ended.</summary>
    public string Problem => _problem;

    /// <summary>Takes the next thing that happened.</summary>
    /// <param name="happened">What.</param>
    public bool TryTake([NotNullWhen(true)] out UpstreamEvent<TRequest, TResponse>? happened)
    {
        if (!_events.Reader.TryRead(out happened))
            return false;
        if (happened is UpstreamEvent<TRequest, TResponse>.Connected connected)
            _call = connected.Call;
        else if (happened is UpstreamEvent<TRequest, TResponse>.Lost)
            _call = null;
        return true;
    }

    /// <summary>Sends a request; only while <see cref="IsWritable"/>.</summary>
    /// <param name="request">Not changed afterwards.</param>
    public void Post(TRequest request)
    {
        if (_call is { } call)
            _writing = WriteAsync(call, request);
    }

    /// <summary>Runs until it is cancelled.</summary>
    /// <param name="name">The node, for the log.</param>
    /// <param name="cancellationToken">The Envoy has gone, or we stop.</param>
    public async Task RunAsync(string name, CancellationToken cancellationToken)
    {
        var failures = 0;
        while (true)
        {
            var (place, address) = (0, "");
            var hasAnswered = false;
            try
            {
                (place, address, var channel) = _pool.Next();
                using var call = channel.Duplex<TRequest, TResponse>(
                    _method,
                    _parser,
                    new GrpcCallOptions { Headers = _pool.HeadersFor(_received) },
                    cancellationToken);
                await PostAsync(new UpstreamEvent<TRequest, TResponse>.Connected(call), cancellationToken);
                while (await call.ResponseStream.MoveNextAsync(cancellationToken))
                {
                    if (!hasAnswered)
                        OnAnswered(name, address);
                    hasAnswered = true;
                    await PostAsync(
                        new UpstreamEvent<TRequest, TResponse>.Received(call.ResponseStream.Current),
                        cancellationToken);
                }

                _problem = $"{address} ended the stream";
            }
            catch (Exception error) when (!cancellationToken.IsCancellationRequested
                && error is GrpcException or IOException or UnauthorizedAccessException or CryptographicException
                    or ArgumentException) // A header of Envoy's, or a token, that may not go on the wire.
            {
                _problem = $"{address}: {error.Message}";
            }
            finally
            {
                if (hasAnswered)
                    _meter.Closed();
            }

            failures = hasAnswered ? 0 : failures + 1;
            await LoseAsync(name, place, failures, cancellationToken);
        }
    }

    private void OnAnswered(string name, string address)
    {
        _problem = "";
        _meter.Connected();
        LogConnected(_logger, name, address);
    }

    private async Task LoseAsync(string name, int place, int failures, CancellationToken cancellationToken)
    {
        _pool.OnFailed(place);
        _meter.Lost(wasConnected: failures == 0);
        // The first failure and every doubling of their number: an upstream that is away for hours is told a few times.
        if (failures == 0 || (failures & (failures - 1)) == 0)
            LogLost(_logger, name, Problem, failures);
        await PostAsync(new UpstreamEvent<TRequest, TResponse>.Lost(), cancellationToken);
        await Task.Delay(_pool.PauseAfter(failures), _time, cancellationToken);
    }

    private async ValueTask PostAsync(UpstreamEvent<TRequest, TResponse> happened, CancellationToken cancellationToken)
    {
        await _events.Writer.WriteAsync(happened, cancellationToken);
        _wake();
    }

    private async Task WriteAsync(GrpcDuplexCall<TRequest, TResponse> call, TRequest request)
    {
        try
        {
            await call.RequestStream.WriteAsync(request);
        }
        catch (Exception error) when (error is GrpcException or OperationCanceledException or ObjectDisposedException)
        {
            // The call has ended: its reader says why, and the next stream is told everything anew.
        }

        _wake();
    }
}
