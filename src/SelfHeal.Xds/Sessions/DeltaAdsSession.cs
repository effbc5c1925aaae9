using System.Diagnostics.CodeAnalysis;
using Envoy.Config.Core.V3;
using Envoy.Service.Discovery.V3;
using SelfHeal.Core.Time;
using SelfHeal.Xds.Resources;
using SelfHeal.Xds.Snapshots;

namespace SelfHeal.Xds.Sessions;

/// <summary>One stream of the incremental variant.</summary>
public sealed class DeltaAdsSession : IXdsSession
{
    private const string WildcardName = "*";

    private readonly StreamState _stream;

    /// <summary>A session for a stream that has just been opened.</summary>
    /// <param name="options">Its name and limits.</param>
    public DeltaAdsSession(SessionOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        _stream = new StreamState(options, isDelta: true);
    }

    /// <inheritdoc/>
    public SessionEvent.ProtocolError? End => _stream.End;

    /// <inheritdoc/>
    public string? NodeId => _stream.Node?.Id;

    /// <inheritdoc/>
    public Node? Node => _stream.Node;

    /// <summary>
    /// Takes one request of the client: its answer to the latest response, a change of subscription, or both.
    /// </summary>
    /// <param name="request">Not kept, except for the node of the first one.</param>
    public void OnRequest(DeltaDiscoveryRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        if (!_stream.TryAdmit(request.Node, request.TypeUrl, out var subscription))
            return;
        var answer = _stream.Classify(subscription, request.ResponseNonce, request.ErrorDetail);
        ApplyChanges(subscription, request);
        if (answer == AnswerKind.Acknowledged)
            _stream.Acknowledge(subscription);
    }

    /// <inheritdoc/>
    public void Recall(ValidatedSnapshot lastAccepted)
    {
        ArgumentNullException.ThrowIfNull(lastAccepted);
        _stream.Recall(lastAccepted);
    }

    /// <inheritdoc/>
    public void OnSnapshot(ValidatedSnapshot snapshot)
    {
        ArgumentNullException.ThrowIfNull(snapshot);
        _stream.OnSnapshot(snapshot);
    }

    /// <inheritdoc cref="StreamState.Repeat"/>
    internal void Repeat(string typeUrl, IEnumerable<string> names) => _stream.Repeat(typeUrl, names);

    /// <inheritdoc/>
    public void OnTick(ControlTime now) => _stream.OnTick(now);

    /// <inheritdoc/>
    public bool TryTakeResponse([NotNullWhen(true)] out XdsResponse? response) => _stream.TryTakeResponse(out response);

    /// <inheritdoc/>
    public bool TryTakeEvent([NotNullWhen(true)] out SessionEvent? sessionEvent) =>
        _stream.TryTakeEvent(out sessionEvent);

    /// <inheritdoc/>
    public bool IsIdle(string typeUrl) => _stream.Find(typeUrl) is not { Dirty: true } and not { IsUnanswered: true };

    /// <inheritdoc/>
    public IReadOnlyList<SubscriptionStatus> DescribeSubscriptions() =>
        [.. _stream.Subscriptions.Select(subscription => subscription.Describe())];

    /// <summary>
    /// Changes count in every request, whatever its nonce (XP "Subscribing to resources"). Names that are both
    /// subscribed and unsubscribed end unsubscribed: clients of Istio say so to get nothing.
    /// </summary>
    private void ApplyChanges(Subscription subscription, DeltaDiscoveryRequest request)
    {
        var isFirst = !subscription.IsStarted;
        var subscribe = request.ResourceNamesSubscribe;
        var unsubscribe = request.ResourceNamesUnsubscribe;
        if (!isFirst && subscribe.Count == 0 && unsubscribe.Count == 0)
            return;
        var wildcardBefore = subscription.Wildcard;
        var isExplicit = subscribe.Contains(WildcardName);
        var wildcard = wildcardBefore || isExplicit;
        if (isFirst && subscribe.Count == 0 && unsubscribe.Count == 0)
            wildcard = TypeUrl.AllowsWildcard(subscription.TypeUrl);
        wildcard &= !unsubscribe.Contains(WildcardName);

        var named = NameSet.Of(subscribe.Where(name => name is not WildcardName), subscription.Source);
        var dropped = NameSet.Of(unsubscribe.Where(name => name is not WildcardName));
        var names = subscription.Names.Union(named);
        var removed = names.Except(names.Except(dropped));
        if (!_stream.Ask(subscription, names.Except(dropped), wildcard))
            return;
        // A name is sent even if the client is believed to have it (DISC resource_names_subscribe).
        subscription.Force(named.Except(removed), byClient: true);
        // Under a wildcard the client drops the name and learns from the answer whether it is still in (XP).
        if (wildcard)
            subscription.Force(removed, byClient: true);

        if (isFirst && request.InitialResourceVersions.Count > 0)
            Resume(subscription, request.InitialResourceVersions);
        var becameWildcard = wildcard && !wildcardBefore;
        // A client that resumes has finished its start: it need not be told that nothing changed.
        subscription.MustAnswer |= becameWildcard && request.InitialResourceVersions.Count == 0
            && (isExplicit || TypeUrl.IsFullState(subscription.TypeUrl));
        subscription.Dirty |= isFirst || becameWildcard;
        subscription.IsStarted = true;
    }

    /// <summary>
    /// The client tells what an earlier stream gave it, so that only the differences need to be sent.
    /// </summary>
    private void Resume(Subscription subscription, IEnumerable<KeyValuePair<string, string>> versions)
    {
        _stream.NoteResumed(subscription.TypeUrl);
        // Clusters may be warming and wait for endpoints that the client believes it has: because this stream sent
        // them, or because the one before was cut between a cluster and its endpoints.
        var clusters = _stream.Find(TypeUrl.Cluster);
        var mustRepeat = subscription.TypeUrl is TypeUrl.ClusterLoadAssignment
            && clusters is not null && (clusters.HasAccepted || clusters.Latest is { Resources.Length: > 0 });
        if (subscription.TypeUrl is TypeUrl.Cluster
            && _stream.Find(TypeUrl.ClusterLoadAssignment) is { } endpoints)
            endpoints.Force(endpoints.Names, byClient: false);
        var held = versions
            .Select(each => KeyValuePair.Create(XdstpName.Normalize(each.Key), each.Value))
            .Where(each => subscription.Wants(each.Key))
            .ToList();
        subscription.Resume(held);
        if (!mustRepeat)
            subscription.Unforce(NameSet.Of(held.Select(each => each.Key)));
        _stream.ReportResumed(subscription);
    }
}
