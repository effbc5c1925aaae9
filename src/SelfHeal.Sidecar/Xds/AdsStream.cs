using System.Threading.Channels;
using Envoy.Config.Core.V3;
using Google.Protobuf;
using SelfHeal.Grpc;
using SelfHeal.Sidecar.Accepted;
using SelfHeal.Sidecar.Judgement;
using SelfHeal.Xds.Sessions;
using SelfHeal.Xds.Snapshots;

namespace SelfHeal.Sidecar.Xds;

/// <summary>
/// Pumps one xDS stream: requests into the session, responses out of it, events to the registry. The session decides;
/// this only waits.
/// </summary>
/// <param name="id">Unique in this process.</param>
/// <param name="session">The protocol's state.</param>
/// <param name="hub">Where the newest snapshot is.</param>
/// <param name="registry">Who wants to know what the client holds.</param>
/// <param name="clock">The time that the session is told.</param>
internal sealed class AdsStream(
    long id, IXdsSession session, StreamHub hub, ProxyRegistry registry, ControlClock clock) : IServedStream
{
    private readonly StreamSignal _signal = new();

    // Types that the client asked for, and those of them whose first response it has not answered yet. Sessions bound
    // how many types a stream may ask for.
    private readonly List<string> _asked = [];
    private readonly List<string> _unsynced = [];
    private readonly StreamProgress _progress = new();
    private ServedSlot? _slot;
    private volatile ValidatedSnapshot? _settled;
    private int _unanswered;
    private bool _isAdmitted;

    private volatile string? _endReason;

    /// <summary>Unique in this process.</summary>
    public long Id { get; } = id;

    /// <summary>The client as it introduced itself; null before. Asked for by others than the pump.</summary>
    public Node? Node => session.Node;

    /// <summary>What the client's group is served; null while nothing is, or before it is known.</summary>
    public ValidatedSnapshot? Snapshot => _slot?.Snapshot;

    /// <summary>What is meant for it; see <see cref="ServedSlot.Intended"/>.</summary>
    public ValidatedSnapshot? Intended => _slot?.Intended;

    /// <summary>Whether the client has acknowledged all of a snapshot, as far as it asks for it.</summary>
    /// <param name="served">What is served.</param>
    public bool IsSettledOn(ValidatedSnapshot served) => ReferenceEquals(_settled, served);

    /// <summary>Lets the pump look again.</summary>
    public void Wake() => _signal.Set();

    /// <summary>Ends the stream with UNAVAILABLE once the response that is on its way has been written.</summary>
    /// <param name="reason">What the client is told.</param>
    public void End(string reason)
    {
        _endReason = reason;
        Wake();
    }

    /// <summary>Runs until the client ends the stream, the session refuses it, or the server stops.</summary>
    /// <param name="requests">The client's requests.</param>
    /// <param name="responses">Where encoded responses go.</param>
    /// <param name="onRequest">Gives a request to the session.</param>
    /// <param name="call">The call, for its cancellation.</param>
    public async Task RunAsync<TRequest, TResponse>(
        GrpcRequestReader<TRequest> requests,
        GrpcResponseWriter<TResponse> responses,
        Action<TRequest> onRequest,
        GrpcCall call)
        where TRequest : class, IMessage<TRequest>
        where TResponse : class, IMessage<TResponse>
    {
        // Requests are small and answered one response at a time; a client that sends more than these unread ones waits
        // in HTTP/2 flow control.
        var inbox = Channel.CreateBounded<TRequest>(new BoundedChannelOptions(64) { SingleReader = true });
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(call.CancellationToken);
        hub.Add(this);
        var reading = ReadAsync(requests, inbox.Writer, stop.Token);
        try
        {
            await PumpAsync(inbox.Reader, responses, onRequest, stop.Token);
            await reading; // A refused request ends the call with its status.
        }
        finally
        {
            await stop.CancelAsync();
            hub.Remove(this);
            hub.Admission.Leave(Id);
            _slot?.Remove(this);
            registry.OnClosed(Id);
            await Task.WhenAny(reading); // Its failure has been told above, or is the cancellation.
        }
    }

    private async Task ReadAsync<TRequest>(
        GrpcRequestReader<TRequest> requests, ChannelWriter<TRequest> inbox, CancellationToken cancellationToken)
        where TRequest : class, IMessage<TRequest>
    {
        try
        {
            while (await requests.MoveNextAsync(cancellationToken))
            {
                await inbox.WriteAsync(requests.Current, cancellationToken);
                _signal.SetHere(); // An ACK costs no thread of its own.
            }
        }
        finally
        {
            inbox.Complete();
            Wake();
        }
    }

    private async Task PumpAsync<TRequest, TResponse>(
        ChannelReader<TRequest> inbox,
        GrpcResponseWriter<TResponse> responses,
        Action<TRequest> onRequest,
        CancellationToken cancellationToken)
        where TRequest : class, IMessage<TRequest>
        where TResponse : class, IMessage<TResponse>
    {
        ValidatedSnapshot? seen = null;
        using var cancelled = cancellationToken.UnsafeRegister(static s => ((AdsStream)s!).Wake(), this);
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            while (inbox.TryRead(out var request))
                onRequest(request);
            if (_slot is null && session.Node is { } node)
                Join(node);
            if (_slot?.Snapshot is { } snapshot && !ReferenceEquals(snapshot, seen))
                session.OnSnapshot(seen = snapshot);
            session.OnTick(clock.Now);
            PassEvents();
            if (_endReason is { } reason)
                throw new GrpcException(GrpcStatusCode.Unavailable, reason);
            if (session.End is { } end)
                throw new GrpcException(new GrpcStatus((GrpcStatusCode)(int)end.Status, end.Message));
            var mayRespond = MayRespond();
            if (mayRespond && session.TryTakeResponse(out var response))
            {
                PassEvents();
                registry.OnEncoded(response);
                // The call ends the write itself, at a stop only when the client has had time to take the rest.
                await responses.WriteAsync(new GrpcPayload(response.Segments.AsSpan()), CancellationToken.None);
                continue; // ACKs and newer snapshots come before the next response.
            }

            LeaveWhenSynced();
            _settled = mayRespond && seen is not null && _progress.IsSettled(seen) ? seen : null;
            if (inbox.Completion.IsCompleted)
                return;
            await _signal.WaitAsync();
        }
    }

    /// <summary>The first response of a type waits for its turn, so that a herd does not hold up the others.</summary>
    private bool MayRespond()
    {
        if (_unsynced.Count == 0 || _slot?.Snapshot is null)
            return true;
        return _isAdmitted = hub.Admission.TryEnter(Id, Wake);
    }

    /// <summary>Nothing is due and everything is answered.</summary>
    private void LeaveWhenSynced()
    {
        if (!_isAdmitted || _unanswered > 0)
            return;
        _isAdmitted = false;
        hub.Admission.Leave(Id);
    }

    private void Join(Node node)
    {
        (_slot, var problem) = hub.Join(node, this);
        if (_slot is null)
            throw new GrpcException(GrpcStatusCode.InvalidArgument, problem);
        registry.OnJoined(Id, _slot.Group);
        if (_slot.Accepted.Remembered is { } accepted)
            session.Recall(accepted);
    }

    private void PassEvents()
    {
        while (session.TryTakeEvent(out var happened))
        {
            Follow(happened);
            registry.OnEvent(Id, session.NodeId ?? "", happened);
            _progress.Apply(happened);
            _slot?.Apply(session.NodeId ?? "", happened);
        }
    }

    private void Follow(SessionEvent happened)
    {
        switch (happened)
        {
            case SessionEvent.Subscribed subscribed when !_asked.Contains(subscribed.TypeUrl):
                _asked.Add(subscribed.TypeUrl);
                _unsynced.Add(subscribed.TypeUrl);
                break;
            case SessionEvent.Sent:
                _unanswered++;
                break;
            case SessionEvent.Acknowledged acknowledged:
                _unanswered--;
                _unsynced.Remove(acknowledged.TypeUrl);
                break;
            case SessionEvent.Rejected rejected:
                _unanswered--;
                _unsynced.Remove(rejected.TypeUrl);
                break;
        }
    }
}
