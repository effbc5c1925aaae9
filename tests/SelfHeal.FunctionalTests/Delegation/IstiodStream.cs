using System.Collections.Immutable;
using System.Threading.Channels;
using Envoy.Config.Core.V3;
using Google.Protobuf;
using SelfHeal.Grpc;

namespace SelfHeal.FunctionalTests.Delegation;

/// <summary>
/// One stream: what came on it and what was sent, and the faults that a test has on it. What it sends is sent in the
/// order of the calls, each after what was under way. The record stays when the stream has ended. Thread-safe.
/// </summary>
internal sealed class IstiodStream
{
    // No test has more on its way to one stream; one that does is told, rather than left hanging.
    private const int WorkMax = 4096;

    private readonly Lock _lock = new();
    private readonly CancellationTokenSource _cut = new();
    private readonly Channel<Func<CancellationToken, Task>> _work =
        Channel.CreateBounded<Func<CancellationToken, Task>>(WorkMax);

    private readonly IstiodPulse _pulse;
    private readonly IstiodWire _wire;
    private readonly Func<IstiodSnapshot> _snapshot;
    private volatile IstiodSession? _session;
    private volatile bool _hasEnded;
    private ImmutableList<IstiodRequest> _requests = [];
    private ImmutableList<IstiodResponse> _responses = [];
    private IstiodPush? _pushed;
    private GrpcStatus _end = GrpcStatus.Ok;

    public IstiodStream(
        bool isDelta, GrpcCall call, IstiodWire wire, Func<IstiodSnapshot> snapshot, IstiodPulse pulse)
    {
        IsDelta = isDelta;
        Headers = [.. call.RequestHeaders];
        Peer = call.Peer;
        _wire = wire;
        _snapshot = snapshot;
        _pulse = pulse;
    }

    public bool IsDelta { get; }

    /// <summary>All metadata that came with the call.</summary>
    public ImmutableArray<GrpcMetadataEntry> Headers { get; }

    /// <summary>Who called, with the client's certificate.</summary>
    public GrpcPeer Peer { get; }

    /// <summary>The node of the first request; null before it.</summary>
    public Node? Node { get; private set; }

    public bool HasEnded => _hasEnded;

    /// <summary>While closed, requests are left unread.</summary>
    public IstiodGate Reading { get; } = new();

    /// <summary>While closed, requests are read and neither they nor pushes have an effect.</summary>
    public IstiodGate Answering { get; } = new();

    /// <summary>All that were read, in order.</summary>
    public IReadOnlyList<IstiodRequest> Requests => Volatile.Read(ref _requests);

    /// <summary>All that were sent, in order.</summary>
    public IReadOnlyList<IstiodResponse> Responses => Volatile.Read(ref _responses);

    public IEnumerable<IstiodRequest> Rejects => Requests.Where(static r => r.Verdict is IstiodVerdict.Rejected);

    public IEnumerable<IstiodRequest> Acks => Requests.Where(static r => r.IsAck);

    /// <summary>Changes of the subscription that came in requests of which Istiod takes no note: a client that sends
    /// one waits for ever.</summary>
    public IEnumerable<IstiodRequest> LostChanges => Requests.Where(static r => r.IsLostChange);

    /// <summary>A header's last value; null: it did not come.</summary>
    public string? Header(string key) => Headers.LastOrDefault(entry => entry.Key == key) is { Key: not null } found
        ? found.Value
        : null;

    /// <summary>The names that are watched; null: the type is not.</summary>
    public IReadOnlyCollection<string>? NamesOf(string type) => _session?.NamesOf(type);

    /// <summary>The text of the last NACK of a type, unless an ACK came after it.</summary>
    public string? LastErrorOf(string type) =>
        Requests.LastOrDefault(r => r.Type == type && (r.IsAck || r.Verdict is IstiodVerdict.Rejected))?.Error?.Message;

    /// <summary>Ends the stream at once, even one that is held up.</summary>
    public void End(GrpcStatus status)
    {
        lock (_lock)
        {
            if (_cut.IsCancellationRequested)
                return;
            _end = status;
        }
        _cut.Cancel();
    }

    /// <summary>Sends a response of a test's own making: resources that are there twice, that nobody can decode, that
    /// were never asked for.</summary>
    public void SendResponse(string type, params IEnumerable<IstiodResource> resources) =>
        SendResponse(type, resources, []);

    public void SendResponse(string type, IEnumerable<IstiodResource> resources, IEnumerable<string> removed) =>
        Enqueue(token => _session is { } session
            ? SendAsync([session.Compose(type, [.. resources], [.. removed])], token)
            : throw new InvalidOperationException("the stream has had no request yet"));

    /// <summary>Sends bytes as a message, whatever they mean.</summary>
    public void SendMessage(ReadOnlyMemory<byte> bytes) =>
        Enqueue(token => _wire.Message(new GrpcPayload(bytes), token).AsTask());

    /// <summary>Sends bytes without a frame around them.</summary>
    public void SendUnframed(ReadOnlyMemory<byte> bytes) => Enqueue(token => _wire.Unframed(bytes, token).AsTask());

    /// <summary>Sends a push; one that waits already is merged with it, as in Istiod's queue.</summary>
    public void Push(IstiodPush push)
    {
        lock (_lock)
        {
            if (_pushed is { } waiting)
            {
                _pushed = waiting.Merge(push);
                return;
            }
            _pushed = push;
        }
        Enqueue(token => SendAsync(_session?.OnPush(TakePush()) ?? [], token));
    }

    /// <summary>Serves the stream until the client has sent all, or a test ends it.</summary>
    public async Task RunAsync<T>(GrpcRequestReader<T> requests, CancellationToken callToken)
        where T : class, IMessage<T>
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(callToken, _cut.Token);
        var reading = ReadAsync(requests, stop.Token);
        try
        {
            await foreach (var work in _work.Reader.ReadAllAsync(stop.Token))
            {
                await Answering.PassAsync(stop.Token);
                await work(stop.Token);
                _pulse.Fire();
            }
        }
        catch (OperationCanceledException) when (_cut.IsCancellationRequested)
        {
            if (!_end.IsOk)
                throw new GrpcException(_end);
        }
        finally
        {
            await stop.CancelAsync();
            await reading;
            _hasEnded = true;
            _pulse.Fire();
        }
    }

    private async Task ReadAsync<T>(GrpcRequestReader<T> requests, CancellationToken cancellationToken)
        where T : class, IMessage<T>
    {
        try
        {
            while (await requests.MoveNextAsync(cancellationToken))
            {
                await Reading.PassAsync(cancellationToken);
                var request = IstiodRequest.Of(requests.Current);
                Volatile.Write(ref _requests, _requests.Add(request));
                if (Admit(request))
                    await _work.Writer.WriteAsync(token => AnswerAsync(request, token), cancellationToken);
                _pulse.Fire();
            }
            _work.Writer.TryComplete();
        }
        catch (Exception exception)
        {
            _work.Writer.TryComplete(exception);
        }
    }

    /// <summary>Takes the node from the first request; a health report may come before that.</summary>
    private bool Admit(IstiodRequest request)
    {
        if (_session is not null)
            return true;
        if (request.Type is IstiodTypes.Health)
        {
            request.Conclude(new(IstiodVerdict.Ignored));
            return false;
        }
        if (IstiodNode.ErrorOf(request.Node) is { } error)
            throw new GrpcException(GrpcStatusCode.InvalidArgument, error);
        Node = request.Node;
        _session = new IstiodSession(
            IsDelta, request.Node?.Id ?? "", Peer.ClientCertificate is not null, _snapshot());
        return true;
    }

    private Task AnswerAsync(IstiodRequest request, CancellationToken cancellationToken) =>
        SendAsync(_session?.OnRequest(request) ?? [], cancellationToken);

    private async Task SendAsync(IEnumerable<IstiodResponse> responses, CancellationToken cancellationToken)
    {
        foreach (var response in responses)
        {
            // Before it goes out, so that what a client has read is on record.
            Volatile.Write(ref _responses, _responses.Add(response));
            await _wire.Message(GrpcPayload.FromMessage(response.ToMessage(IsDelta)), cancellationToken);
        }
    }

    private IstiodPush TakePush()
    {
        lock (_lock)
        {
            var push = _pushed ?? throw new InvalidOperationException("a push was taken twice");
            _pushed = null;
            return push;
        }
    }

    private void Enqueue(Func<CancellationToken, Task> work)
    {
        // A stream that has ended takes no more, and need not.
        if (!_work.Writer.TryWrite(work) && _work.Reader.Count >= WorkMax)
            throw new InvalidOperationException($"more than {WorkMax} pieces of work wait for one stream");
    }
}
