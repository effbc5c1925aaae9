using System.Collections.Immutable;
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

    // What a client does not announce is not used (client_features.rst).
    private const string TtlFeature = "xds.config.supports-resource-ttl";

    // The state-of-the-world variant needs the wrapper too, which the protocol's description calls otherwise than the
    // list of features does.
    private static readonly string[] WrapperFeatures =
        ["xds.config.resource-in-sotw", "xds.config.supports-resource-in-sotw"];

    private readonly SessionOptions _options;
    private readonly bool _isDelta;
    private readonly SortedDictionary<string, Subscription> _subscriptions = new(TypeUrl.Comparer);
    private readonly Queue<SessionEvent> _events = new();
    private readonly List<Culprit> _culprits = [];
    private ValidatedSnapshot? _target;
    private ValidatedSnapshot? _recalled;
    private bool _usesTtl;
    private ResourceAccess? _access;
    private long _nonces;
    private long _namesCount;
    private bool _resumesEarlierStream;
    private ControlTime? _resumedSince;

    /// <param name="options">The limits.</param>
    /// <param name="isDelta">The variant.</param>
    public StreamState(SessionOptions options, bool isDelta)
    {
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(options.MakeBeforeBreakMax, TimeSpan.Zero, nameof(options));
        ArgumentOutOfRangeException.ThrowIfLessThan(options.SubscribedNamesMax, 1, nameof(options));
        ArgumentOutOfRangeException.ThrowIfLessThan(options.TypesMax, 1, nameof(options));
        ArgumentOutOfRangeException.ThrowIfLessThan(options.ErrorTextMax, 1, nameof(options));
        ArgumentOutOfRangeException.ThrowIfLessThan(options.QuarantineMax, 1, nameof(options));
        ArgumentException.ThrowIfNullOrEmpty(options.StreamId, nameof(options));
        _options = options;
        _isDelta = isDelta;
    }

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
            _subscriptions.Add(typeUrl, subscription = new Subscription(typeUrl, _options)
            {
                UsesTtl = _usesTtl,
                Access = _access?.Restricts(typeUrl) == true ? _access : null,
                ReportsProblems = _options.ReportResourceErrors && _options.Relayed is null,
                Relayed = _options.Relayed,
                IsOpaque = _options.Relayed is not null && !_isDelta && !TypeUrl.IsKnown(typeUrl),
            });
            if (_target is not null)
                subscription.Retarget(_target.Get(typeUrl), 0);
            if (_recalled is not null)
                subscription.Recalled = _recalled.Get(typeUrl);
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
        subscription.OnAcknowledged(latest, _culprits);
        Emit(new SessionEvent.Acknowledged(subscription.TypeUrl, latest.Version, latest.Nonce, subscription.Held));
        ReportCulprits(subscription);
    }

    /// <summary>Changes what a subscription asks for and tells it.</summary>
    /// <returns>False if that is more than one stream may ask for.</returns>
    public bool Ask(Subscription subscription, NameSet names, bool wildcard)
    {
        var before = subscription.Names;
        var wildcardBefore = subscription.Wildcard;
        _namesCount += names.Count - before.Count;
        if (_namesCount > _options.SubscribedNamesMax)
        {
            return Fail(
                StreamStatus.ResourceExhausted,
                $"one stream may ask for {_options.SubscribedNamesMax} names at most");
        }
        if (ReferenceEquals(before, names) && wildcardBefore == wildcard && subscription.IsStarted)
            return true;
        var added = names.Except(before);
        var removed = before.Except(names);
        subscription.Ask(names, wildcard);
        if (added.Count > 0 || removed.Count > 0 || wildcardBefore != wildcard || !subscription.IsStarted)
        {
            Emit(new SessionEvent.Subscribed(
                Node?.Id ?? string.Empty, subscription.TypeUrl, Told(added), Told(removed), wildcard));
        }
        return true;

        // What it may not have is to everybody else as if it had not been asked for: nobody waits for it.
        ImmutableArray<string> Told(NameSet some) => subscription.Access is { } access
            ? some.Names.RemoveAll(name => !access.MayRead(subscription.TypeUrl, name))
            : some.Names;
    }

    /// <summary>What the client holds from an earlier stream counts as held, without another ACK.</summary>
    public void ReportResumed(Subscription subscription) =>
        Emit(new SessionEvent.Resumed(subscription.TypeUrl, subscription.Held));

    /// <summary>The first request of a type shows that the client still holds what an earlier stream gave it.</summary>
    public void NoteResumed(string typeUrl) => _resumesEarlierStream |= !TypeUrl.IsFullState(typeUrl);

    public void OnSnapshot(ValidatedSnapshot snapshot)
    {
        _target = snapshot;
        foreach (var subscription in _subscriptions.Values)
        {
            subscription.Retarget(snapshot.Get(subscription.TypeUrl), _options.LingeringMax - LingeringCount());
            // The upstream may have said that there is no such name, which changes no set: one that the client asked
            // for, or one that it holds from an earlier stream.
            subscription.Dirty |= _options.Relayed is not null
                && (subscription.Forced.Count > 0 || subscription.Sent is { Exceptions.Count: > 0 });
        }
    }

    /// <summary>Sends some names again: with what was rejected beside them, the client may not have taken them.
    /// </summary>
    public void Repeat(string typeUrl, IEnumerable<string> names) =>
        Find(typeUrl)?.Repeat(NameSet.Of(names));

    public void Recall(ValidatedSnapshot lastAccepted)
    {
        _recalled = lastAccepted;
        foreach (var subscription in _subscriptions.Values)
            subscription.Recalled = lastAccepted.Get(subscription.TypeUrl);
    }

    public void OnTick(ControlTime now)
    {
        if (End is not null)
            return;
        // Routes that the client rejected did not let go of their clusters, however long that takes.
        var mayRelease = true;
        foreach (var subscription in _subscriptions.Values)
            mayRelease &= !TypeUrl.IsDependent(subscription.TypeUrl) || !subscription.IsFallenBack;
        var anyReleased = false;
        foreach (var subscription in _subscriptions.Values)
        {
            if (subscription.OnTick(now, _options.MakeBeforeBreakMax, mayRelease, out var released)
                && TypeUrl.IsUpstream(subscription.TypeUrl))
                Emit(new SessionEvent.WaitExpired(subscription.TypeUrl));
            anyReleased |= released;
        }
        if (anyReleased)
            Emit(new SessionEvent.WaitExpired(TypeUrl.RouteConfiguration));
        CheckResync(now);
    }

    public bool TryTakeResponse([NotNullWhen(true)] out XdsResponse? response)
    {
        response = null;
        if (End is not null || _target is null)
            return false;
        ReleaseIfSettled();
        do
        {
            foreach (var subscription in _subscriptions.Values)
            {
                if (!subscription.Dirty || subscription.IsUnanswered || MustWait(subscription)
                    || _options.Relayed?.MayAnswer(subscription.TypeUrl) == false)
                    continue;
                subscription.Dirty = false;
                // VHDS exists in the incremental variant only (XP, table of variants).
                if (subscription.TypeUrl is TypeUrl.VirtualHost && !_isDelta)
                    continue;
                var plan = subscription.Plan(_isDelta, _culprits);
                ReportCulprits(subscription);
                if (plan is null)
                    continue;
                response = Send(subscription, plan);
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

    private bool TryIdentify(Node? node)
    {
        var id = node?.Id ?? string.Empty;
        if (Node is null)
        {
            if (id.Length == 0)
                return Fail(StreamStatus.InvalidArgument, "the first request of a stream must carry node.id");
            Node = node;
            _usesTtl = node?.ClientFeatures.Contains(TtlFeature) == true
                && (_isDelta || node.ClientFeatures.Any(WrapperFeatures.Contains));
            _access = node is null ? null : _options.AccessOf?.Invoke(node);
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
        subscription.OnRejected(latest, rejection, _culprits);
        Emit(rejection);
        ReportCulprits(subscription);
    }

    private void ReportCulprits(Subscription subscription)
    {
        subscription.Isolate(_culprits);
        foreach (var (resource, message, pushes) in _culprits)
        {
            Emit(new SessionEvent.Isolated(
                subscription.TypeUrl, resource.Name, resource.ContentHash, message, pushes));
        }
        _culprits.Clear();
    }

    private XdsResponse Send(Subscription subscription, ResponsePlan plan)
    {
        if (subscription.TypeUrl is TypeUrl.Cluster)
            ForceEndpoints(subscription, plan);
        var fellBack = subscription.Latest is { IsRejected: true } && subscription.IsFallenBack;
        var typeUrl = subscription.TypeUrl;
        var nonce = $"{_options.StreamId}.{++_nonces}";
        var response = _isDelta
            ? ResponseEncoder.Delta(typeUrl, nonce, _options.ControlPlaneIdentifier, plan, _usesTtl)
            : ResponseEncoder.Sotw(typeUrl, nonce, _options.ControlPlaneIdentifier, plan, _usesTtl);
        var sent = new SentResponse
        {
            Version = plan.Version,
            Nonce = nonce,
            Resources = plan.Resources,
            Removed = plan.Removed,
        };
        subscription.OnSent(sent, plan.After);
        Emit(new SessionEvent.Sent(typeUrl, sent.Version, nonce, sent.Resources, sent.Removed));
        if (fellBack)
            Emit(new SessionEvent.FellBack(typeUrl, sent.Version, nonce));
        return response;
    }

    /// <summary>
    /// A cluster that is new or changed warms until its endpoints arrive, even if the client has them: it does not ask
    /// again in the delta protocol (XP warming note; envoy#22418).
    /// </summary>
    private void ForceEndpoints(Subscription clusters, ResponsePlan plan)
    {
        if (Find(TypeUrl.ClusterLoadAssignment) is not { } endpoints)
            return;
        var before = clusters.Sent ?? clusters.Held;
        var names = new List<string>();
        foreach (var name in before.NamesThatMayDiffer(plan.After.Set).Concat(plan.After.Exceptions.Keys))
        {
            if (plan.After.Get(name).Resource is { } cluster && !before.Get(name).Holds(cluster))
                names.Add(cluster.Facts.EndpointName ?? string.Empty);
        }
        // The first answer of a stream that resumes: what the client warms is not known, so all is answered.
        if (names.Count > 0 && clusters.Latest is null)
            endpoints.Force(endpoints.Names, byClient: false);
        else
            endpoints.Force(NameSet.Of(names.Where(endpoints.Wants)), byClient: false);
    }

    private bool MustWait(Subscription subscription)
    {
        if (!TypeUrl.IsDependent(subscription.TypeUrl))
            return false;
        foreach (var typeUrl in (ReadOnlySpan<string>)[TypeUrl.Cluster, TypeUrl.ClusterLoadAssignment])
        {
            if (Find(typeUrl) is not { } upstream)
                continue;
            if (upstream.HoldsUnanswered)
                return true;
            // Waiting for a better answer after a NACK protects what the client has. It has nothing to protect before
            // the first answer, and a return to what it accepted before needs no new cluster.
            if (upstream.HoldsRejected && subscription.Latest is not null
                && !subscription.Held.HasContentOf(new ClientContents(subscription.Wanted)))
                return true;
        }
        return false;
    }

    private bool ReleaseIfSettled()
    {
        var hasLingering = false;
        foreach (var subscription in _subscriptions.Values)
        {
            hasLingering |= subscription.HasLingering;
            if (TypeUrl.IsDependent(subscription.TypeUrl) && !subscription.IsSettled)
                return false;
        }
        if (!hasLingering)
            return false;
        foreach (var subscription in _subscriptions.Values)
        {
            if (subscription.HasLingering)
                subscription.ReleaseLingering();
        }
        return true;
    }

    private int LingeringCount()
    {
        var count = 0;
        foreach (var subscription in _subscriptions.Values)
            count += subscription.LingeringCount;
        return count;
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
