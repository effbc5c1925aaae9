using System.Diagnostics.CodeAnalysis;
using Envoy.Config.Core.V3;
using SelfHeal.Core;
using SelfHeal.Core.Time;
using SelfHeal.Xds.Resources;
using SelfHeal.Xds.Snapshots;

namespace SelfHeal.Xds.Sessions;

/// <summary>
/// What both variants of the protocol share: who the client is, its subscriptions, the order in which types are sent,
/// and how an answer is classified.
/// </summary>
internal sealed class StreamState
{
    // An owner that drains after each event sees a handful. Beyond this the stream ends: events carry ACKs, so none may
    // be dropped silently.
    private const int MaxEvents = 10_000;

    private readonly SessionOptions _options;
    private readonly Func<Subscription, ResponseDraft?> _build;
    private readonly SortedDictionary<string, Subscription> _subscriptions = new(TypeUrl.Comparer);
    private readonly Queue<SessionEvent> _events = new();
    private long _nonces;
    private bool _resumesEarlierStream;
    private ControlTime? _resumedSince;

    /// <param name="options">The limits.</param>
    /// <param name="build">Makes the next response of a type, null if there is nothing to say.</param>
    public StreamState(SessionOptions options, Func<Subscription, ResponseDraft?> build)
    {
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(options.MakeBeforeBreakMax, TimeSpan.Zero, nameof(options));
        ArgumentOutOfRangeException.ThrowIfLessThan(options.SubscribedNamesMax, 1, nameof(options));
        ArgumentOutOfRangeException.ThrowIfLessThan(options.TypesMax, 1, nameof(options));
        ArgumentOutOfRangeException.ThrowIfLessThan(options.ErrorTextMax, 1, nameof(options));
        ArgumentOutOfRangeException.ThrowIfLessThan(options.QuarantineMax, 1, nameof(options));
        ArgumentException.ThrowIfNullOrEmpty(options.StreamId, nameof(options));
        _options = options;
        _build = build;
        View = new ServedView(options.LingeringMax);
    }

    public ServedView View { get; }

    public Node? Node { get; private set; }

    public SessionEvent.ProtocolError? End { get; private set; }

    public IEnumerable<Subscription> Subscriptions => _subscriptions.Values;

    public Subscription? Find(string typeUrl) => _subscriptions.GetValueOrDefault(typeUrl);

    /// <summary>Checks what every request must have and finds the state of its type.</summary>
    /// <returns>False if the stream has ended.</returns>
    public bool TryAdmit(Node? node, string typeUrl, [NotNullWhen(true)] out Subscription? subscription)
    {
        subscription = null;
        if (End is not null || !TryIdentify(node))
            return false;
        if (_options.FixedTypeUrl is { } only)
        {
            if (typeUrl.Length > 0 && !string.Equals(typeUrl, only, StringComparison.Ordinal))
                return Fail(StreamStatus.InvalidArgument, $"this service serves {only} only");
            typeUrl = only;
        }
        if (typeUrl.Length == 0)
            return Fail(StreamStatus.InvalidArgument, "a request of the aggregated service must name its type_url");
        if (!_subscriptions.TryGetValue(typeUrl, out subscription))
        {
            if (_subscriptions.Count >= _options.TypesMax)
            {
                return Fail(
                    StreamStatus.ResourceExhausted, $"one stream may ask for {_options.TypesMax} types at most");
            }
            _subscriptions.Add(typeUrl, subscription = new Subscription(typeUrl, _options));
        }
        return true;
    }

    /// <summary>What the request says of the latest response; a NACK is recorded at once.</summary>
    public AnswerKind Classify(Subscription subscription, string nonce, Google.Rpc.Status? error)
    {
        if (nonce.Length == 0 || subscription.Latest is not { } latest)
            return AnswerKind.None;
        if (!string.Equals(nonce, latest.Nonce, StringComparison.Ordinal))
        {
            Emit(new SessionEvent.Stale(subscription.TypeUrl, Truncate(nonce), latest.Nonce));
            return AnswerKind.Stale;
        }
        if (error is not null)
        {
            Reject(subscription, latest, error);
            return AnswerKind.Rejected;
        }
        // The same nonce again only changes the subscription (XP "Resource updates").
        return latest.IsAnswered ? AnswerKind.None : AnswerKind.Acknowledged;
    }

    public void Acknowledge(Subscription subscription)
    {
        Invariant.Assert(subscription.IsUnanswered, "only a response that waits for its answer is acknowledged");
        if (subscription.Latest is not { } latest)
            return;
        subscription.OnAcknowledged(latest);
        Emit(new SessionEvent.Acknowledged(subscription.TypeUrl, latest.Version, latest.Nonce, subscription.Held));
    }

    public void ReportSubscription(
        Subscription subscription, List<string> added, List<string> removed, bool wildcardBefore)
    {
        if (_subscriptions.Values.Sum(each => (long)each.Names.Count) > _options.SubscribedNamesMax)
        {
            Fail(StreamStatus.ResourceExhausted, $"one stream may ask for {_options.SubscribedNamesMax} names at most");
            return;
        }
        if (added.Count == 0 && removed.Count == 0 && wildcardBefore == subscription.Wildcard && subscription.IsStarted)
            return;
        added.Sort(StringComparer.Ordinal);
        removed.Sort(StringComparer.Ordinal);
        Emit(new SessionEvent.Subscribed(
            Node?.Id ?? string.Empty, subscription.TypeUrl, [.. added], [.. removed], subscription.Wildcard));
    }

    /// <summary>What the client holds from an earlier stream counts as held, without another ACK.</summary>
    public void ReportResumed(Subscription subscription) =>
        Emit(new SessionEvent.Resumed(subscription.TypeUrl, subscription.Held));

    /// <summary>The first request of a type shows that the client still holds what an earlier stream gave it.</summary>
    public void NoteResumed(string typeUrl) => _resumesEarlierStream |= !TypeUrl.IsFullState(typeUrl);

    public void OnSnapshot(ValidatedSnapshot snapshot)
    {
        var before = View.Target;
        View.Retarget(snapshot, resource => Find(resource.TypeUrl)?.Sent.ContainsKey(resource.Name) == true);
        foreach (var subscription in _subscriptions.Values)
        {
            var versionBefore = before?.Get(subscription.TypeUrl).Version;
            var versionNow = snapshot.Get(subscription.TypeUrl).Version;
            subscription.Dirty |= !string.Equals(versionBefore, versionNow, StringComparison.Ordinal);
        }
    }

    public void OnTick(ControlTime now)
    {
        if (End is not null)
            return;
        foreach (var subscription in _subscriptions.Values)
        {
            if (subscription.Latest?.OnTick(now, _options.MakeBeforeBreakMax) == true
                && TypeUrl.IsUpstream(subscription.TypeUrl))
                Emit(new SessionEvent.WaitExpired(subscription.TypeUrl));
        }
        if (View.OnTick(now, _options.MakeBeforeBreakMax))
        {
            MarkUpstreamDirty();
            Emit(new SessionEvent.WaitExpired(TypeUrl.RouteConfiguration));
        }
        CheckResync(now);
    }

    public bool TryTakeResponse([NotNullWhen(true)] out XdsResponse? response)
    {
        response = null;
        if (End is not null || View.Target is null)
            return false;
        ReleaseIfSettled();
        do
        {
            foreach (var subscription in _subscriptions.Values)
            {
                if (!subscription.Dirty || subscription.IsUnanswered || MustWait(subscription))
                    continue;
                subscription.Dirty = false;
                if (_build(subscription) is not { } draft)
                    continue;
                response = Send(subscription, draft);
                return true;
            }
        }
        while (ReleaseIfSettled());
        return false;
    }

    public bool TryTakeEvent([NotNullWhen(true)] out SessionEvent? sessionEvent) =>
        _events.TryDequeue(out sessionEvent);

    public bool Fail(StreamStatus status, string message)
    {
        if (End is null)
        {
            End = new SessionEvent.ProtocolError(status, message);
            _events.Enqueue(End);
        }
        return false;
    }

    public string NextNonce() => $"{_options.StreamId}.{++_nonces}";

    private bool TryIdentify(Node? node)
    {
        var id = node?.Id ?? string.Empty;
        if (Node is null)
        {
            if (id.Length == 0)
                return Fail(StreamStatus.InvalidArgument, "the first request of a stream must carry node.id");
            Node = node;
        }
        else if (id.Length > 0 && !string.Equals(id, Node.Id, StringComparison.Ordinal))
            return Fail(StreamStatus.InvalidArgument, "the node of a stream cannot change");
        return true;
    }

    private void Reject(Subscription subscription, SentResponse latest, Google.Rpc.Status error)
    {
        if (latest.IsRejected)
            return;
        var rejection = new SessionEvent.Rejected(
            subscription.TypeUrl, latest.Version, latest.Nonce, error.Code, Truncate(error.Message), latest.Resources);
        subscription.OnRejected(latest, rejection);
        Emit(rejection);
    }

    private XdsResponse Send(Subscription subscription, ResponseDraft draft)
    {
        if (subscription.TypeUrl is TypeUrl.Cluster)
            ForceEndpoints(subscription, draft.Sent);
        subscription.OnSent(draft.Sent);
        Emit(new SessionEvent.Sent(
            subscription.TypeUrl, draft.Sent.Version, draft.Sent.Nonce, draft.Sent.Resources, draft.Sent.Removed));
        return draft.Response;
    }

    /// <summary>
    /// A cluster that is new or changed warms until its endpoints arrive, even if the client has them: it does not ask
    /// again in the delta protocol (XP warming note; envoy#22418).
    /// </summary>
    private void ForceEndpoints(Subscription clusters, SentResponse response)
    {
        if (Find(TypeUrl.ClusterLoadAssignment) is not { } endpoints)
            return;
        var set = View.Get(TypeUrl.Cluster);
        var changed = response.Resources
            .Where(cluster => !string.Equals(
                clusters.Sent.GetValueOrDefault(cluster.Name), cluster.ContentHash, StringComparison.Ordinal))
            .ToArray();
        if (changed.Length > 0 && clusters.Latest is null)
        {
            // The first answer of a stream that resumes: what the client warms is not known, so all is answered.
            endpoints.Forced.UnionWith(endpoints.Names);
            endpoints.Dirty = true;
        }
        foreach (var cluster in changed)
        {
            if (set.Find(cluster.Name)?.Facts.EndpointName is { } name && endpoints.Wants(name))
            {
                endpoints.Forced.Add(name);
                endpoints.Dirty = true;
            }
        }
    }

    private bool MustWait(Subscription subscription)
    {
        if (!TypeUrl.IsDependent(subscription.TypeUrl))
            return false;
        foreach (var typeUrl in (ReadOnlySpan<string>)[TypeUrl.Cluster, TypeUrl.ClusterLoadAssignment])
        {
            if (Find(typeUrl)?.Latest is not { HoldsDependents: true } upstream)
                continue;
            // Waiting for a better answer after a NACK protects what the client has. It has nothing to protect before
            // the first answer, and a return to what it accepted before needs no new cluster.
            if (!upstream.IsRejected || (subscription.Latest is not null && !ReturnsToHeld(subscription)))
                return true;
        }
        return false;
    }

    private bool ReturnsToHeld(Subscription subscription)
    {
        foreach (var resource in View.Get(subscription.TypeUrl).Resources)
        {
            var held = subscription.Held.GetValueOrDefault(resource.Name);
            if (subscription.Wants(resource.Name)
                && !string.Equals(held, resource.ContentHash, StringComparison.Ordinal))
                return false;
        }
        return true;
    }

    private bool ReleaseIfSettled()
    {
        if (!View.HasLingering
            || _subscriptions.Values.Any(each => TypeUrl.IsDependent(each.TypeUrl) && !each.IsSettled))
            return false;
        View.Release();
        MarkUpstreamDirty();
        return true;
    }

    private void MarkUpstreamDirty()
    {
        foreach (var subscription in _subscriptions.Values.Where(each => TypeUrl.IsUpstream(each.TypeUrl)))
            subscription.Dirty = true;
    }

    private void CheckResync(ControlTime now)
    {
        if (_options.ResyncMax is not { } max || _options.FixedTypeUrl is not null || !_resumesEarlierStream
            || Find(TypeUrl.Cluster) is not null || Find(TypeUrl.Listener) is not null)
            return;
        _resumedSince ??= now;
        if (now.Since(_resumedSince.Value) >= max)
            Fail(StreamStatus.Unavailable, "the client resumed without asking for clusters or listeners");
    }

    private void Emit(SessionEvent sessionEvent)
    {
        if (_events.Count >= MaxEvents)
            Fail(StreamStatus.ResourceExhausted, "too many events of this stream wait for their owner");
        else
            _events.Enqueue(sessionEvent);
    }

    private string Truncate(string text) => text.Length <= _options.ErrorTextMax ? text : text[.._options.ErrorTextMax];
}
