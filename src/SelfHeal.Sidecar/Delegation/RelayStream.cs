using System.Threading.Channels;
using Envoy.Config.Core.V3;
using Google.Protobuf;
using SelfHeal.Grpc;
using SelfHeal.Sidecar.Xds;
using SelfHeal.Xds.Delegation;
using SelfHeal.Xds.Snapshots;

namespace SelfHeal.Sidecar.Delegation;

/// <summary>
/// Pumps one relayed stream: between Envoy, the session that decides, and the upstream. Neither side waits for the
/// other: what cannot be written now is made when it can.
/// </summary>
/// <typeparam name="TRequest">The type of requests, which is the same on both sides.</typeparam>
/// <typeparam name="TGiven">The type of the upstream's responses.</typeparam>
internal sealed partial class RelayStream<TRequest, TGiven> : IRelayStream
    where TRequest : class, IMessage<TRequest>
    where TGiven : class, IMessage<TGiven>
{
    // A first synchronisation and a push come as many messages: what is put down is whole when nothing more comes.
    // Where something comes all the time, it is put down all the same.
    private static readonly TimeSpan KeepQuiet = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan KeepMax = TimeSpan.FromSeconds(10);

    private readonly StreamSignal _signal = new();
    private readonly RelaySession _session;
    private readonly RelayVariant<TRequest, TGiven> _variant;
    private readonly RelayParts _parts;
    private readonly GrpcCall _call;
    private readonly UpstreamLink<TRequest, TGiven> _link;
    private readonly TimeSpan _openedAt;
    private TimeSpan _givenAt;
    private TimeSpan _keptAt;
    private ValidatedSnapshot? _kept;
    private Task? _linking;
    private bool _isRestored;
    private bool _isReturned;
    private volatile ValidatedSnapshot? _given;
    private volatile ValidatedSnapshot? _intended;
    private volatile string? _endReason;

    /// <param name="id">Unique in this process.</param>
    /// <param name="session">The protocol's state.</param>
    /// <param name="variant">What differs between the variants of the protocol.</param>
    /// <param name="parts">What all relayed streams share.</param>
    /// <param name="call">Envoy's stream.</param>
    public RelayStream(
        long id, RelaySession session, RelayVariant<TRequest, TGiven> variant, RelayParts parts, GrpcCall call)
    {
        Id = id;
        _session = session;
        _variant = variant;
        _parts = parts;
        _call = call;
        _openedAt = _keptAt = Elapsed;
        _link = new UpstreamLink<TRequest, TGiven>(
            parts.Pool,
            variant.Method,
            variant.Parser,
            call.RequestHeaders,
            parts.Meter,
            parts.Time,
            Wake,
            parts.Logger);
    }

    /// <inheritdoc/>
    public long Id { get; }

    /// <inheritdoc/>
    public Node? Node => _session.Client.Node;

    /// <inheritdoc/>
    public ValidatedSnapshot? Given => _given;

    /// <inheritdoc/>
    public ValidatedSnapshot? Intended => _intended;

    /// <inheritdoc/>
    public string Problem => _link.Problem;

    private string Name => _session.Client.NodeId ?? "";

    private TimeSpan Elapsed => TimeSpan.FromTicks(_parts.Clock.Now.MonotonicNanos / 100);

    /// <inheritdoc/>
    public void Wake() => _signal.Set();

    /// <summary>Ends the stream with UNAVAILABLE once the response that is on its way has been written.</summary>
    /// <param name="reason">What the client is told.</param>
    public void End(string reason)
    {
        _endReason = reason;
        Wake();
    }

    /// <summary>Envoy holds versions that are none of ours: it comes from the upstream itself.</summary>
    public void NoteReturn()
    {
        if (_isReturned)
            return;
        _isReturned = true;
        _parts.Meter.Returned();
        LogReturned(_parts.Logger, Id);
    }

    /// <summary>Runs until Envoy ends the stream, the session refuses it, or the server stops.</summary>
    /// <param name="requests">Envoy's requests.</param>
    /// <param name="responses">Where encoded responses go.</param>
    /// <param name="onRequest">Gives a request to the session.</param>
    public async Task RunAsync<TResponse>(
        GrpcRequestReader<TRequest> requests, GrpcResponseWriter<TResponse> responses, Action<TRequest> onRequest)
        where TResponse : class, IMessage<TResponse>
    {
        // Requests are small and answered one response at a time; a client that sends more than these unread ones waits
        // in HTTP/2 flow control.
        var inbox = Channel.CreateBounded<TRequest>(new BoundedChannelOptions(64) { SingleReader = true });
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(_call.CancellationToken);
        _parts.Hub.Add(this);
        var reading = ReadAsync(requests, inbox.Writer, stop.Token);
        try
        {
            await PumpAsync(inbox.Reader, responses, onRequest, stop.Token);
            await reading; // A refused request ends the call with its status.
        }
        finally
        {
            await stop.CancelAsync();
            _parts.Hub.Remove(this);
            _parts.Registry.OnClosed(Id);
            Keep(isLast: true);
            await Task.WhenAny(reading); // Its failure has been told above, or is the cancellation.
            if (_linking is not null)
                await Task.WhenAny(_linking);
        }
    }

    private async Task ReadAsync(
        GrpcRequestReader<TRequest> requests, ChannelWriter<TRequest> inbox, CancellationToken cancellationToken)
    {
        try
        {
            while (await requests.MoveNextAsync(cancellationToken))
            {
                await inbox.WriteAsync(requests.Current, cancellationToken);
                _signal.SetHere();
            }
        }
        finally
        {
            inbox.Complete();
            Wake();
        }
    }

    private async Task PumpAsync<TResponse>(
        ChannelReader<TRequest> inbox,
        GrpcResponseWriter<TResponse> responses,
        Action<TRequest> onRequest,
        CancellationToken cancellationToken)
        where TResponse : class, IMessage<TResponse>
    {
        using var cancelled = cancellationToken.UnsafeRegister(
            static s => ((RelayStream<TRequest, TGiven>)s!).Wake(), this); // Registered with it.
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            while (inbox.TryRead(out var request))
                onRequest(request);
            if (_linking is null && Node is not null && !inbox.Completion.IsCompleted)
            {
                _parts.Registry.OnJoined(Id, Name);
                _linking = _link.RunAsync(Name, cancellationToken);
            }

            TakeUpstream();
            _session.OnOverlays(_parts.Hub.Overlays);
            _session.OnTick(_parts.Clock.Now);
            RestoreIfAlone();
            Tell();
            if (_endReason is { } reason)
                throw new GrpcException(GrpcStatusCode.Unavailable, reason);
            if (_session.Client.End is { } end)
                throw new GrpcException(new GrpcStatus((GrpcStatusCode)(int)end.Status, end.Message));
            if (_linking is { IsFaulted: true })
                await _linking; // A defect of ours: the stream must not stay without its upstream.
            if (_session.TryTakeResponse(out var response))
            {
                Tell();
                _parts.Registry.OnEncoded(response);
                await responses.WriteAsync(new GrpcPayload(response.Segments.AsSpan()), CancellationToken.None);
                continue; // ACKs and newer resources come before the next response.
            }

            Tell();
            _session.Settle();
            if (_link.IsWritable && _variant.NextRequest(_session.Upstream) is { } next)
            {
                _link.Post(next);
                continue;
            }

            Keep(isLast: false);
            if (inbox.Completion.IsCompleted)
                return;
            await _signal.WaitAsync();
        }
    }

    private void TakeUpstream()
    {
        while (_link.TryTake(out var happened))
        {
            switch (happened)
            {
                case UpstreamEvent<TRequest, TGiven>.Connected:
                    _session.Upstream.OnConnected();
                    break;
                case UpstreamEvent<TRequest, TGiven>.Received received:
                    Take(received.Message);
                    break;
                case UpstreamEvent<TRequest, TGiven>.Lost:
                    _session.Upstream.OnLost();
                    break;
            }
        }
    }

    private void Take(TGiven message)
    {
        var problem = _variant.OnResponse(_session, message);
        if (problem.Length == 0)
            return;
        _parts.Meter.Refused();
        LogRefused(_parts.Logger, Name, problem);
    }

    /// <summary>No upstream answers: the node goes on with what it was given last.</summary>
    private void RestoreIfAlone()
    {
        if (_isRestored || _linking is null || _session.Upstream.HasAnswered
            || (_link.Problem.Length == 0 && Elapsed - _openedAt < _parts.Patience))
            return;
        _isRestored = true;
        if (_parts.Keeper.Find(Name) is not { } contents)
            return;
        _session.Restore(contents);
        _parts.Meter.Restored();
        LogRestored(_parts.Logger, Name, contents.Count);
    }

    private void Tell()
    {
        _intended = _session.Intended;
        if (!ReferenceEquals(_given, _session.Upstream.Snapshot))
        {
            _given = _session.Upstream.Snapshot;
            _givenAt = Elapsed;
            _parts.Hub.OnGiven?.Invoke();
        }

        while (_session.TryTakeEvent(out var happened))
            _parts.Registry.OnEvent(Id, Name, happened);
        while (_session.TryTakeRejection(out var rejection))
        {
            _parts.Meter.Rejected();
            _parts.Hub.OnRejected?.Invoke(Name, rejection);
        }
    }

    private void Keep(bool isLast)
    {
        if (ReferenceEquals(_kept, _given) || !_session.Upstream.HasAnswered
            || (!isLast && Elapsed - _givenAt < KeepQuiet && Elapsed - _keptAt < KeepMax))
            return;
        (_kept, _keptAt) = (_given, Elapsed);
        _parts.Keeper.Keep(Name, _session.Upstream.Contents);
    }
}
