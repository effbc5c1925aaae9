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

    private readonly SessionOptions _options;
    private readonly StreamState _stream;

    /// <summary>A session for a stream that has just been opened.</summary>
    /// <param name="options">Its name and limits.</param>
    public DeltaAdsSession(SessionOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        _options = options;
        _stream = new StreamState(options, Build);
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
    public void OnSnapshot(ValidatedSnapshot snapshot)
    {
        ArgumentNullException.ThrowIfNull(snapshot);
        _stream.OnSnapshot(snapshot);
    }

    /// <inheritdoc/>
    public void OnTick(ControlTime now) => _stream.OnTick(now);

    /// <inheritdoc/>
    public bool TryTakeResponse([NotNullWhen(true)] out XdsResponse? response) => _stream.TryTakeResponse(out response);

    /// <inheritdoc/>
    public bool TryTakeEvent([NotNullWhen(true)] out SessionEvent? sessionEvent) =>
        _stream.TryTakeEvent(out sessionEvent);

    /// <inheritdoc/>
    public IReadOnlyList<SubscriptionStatus> DescribeSubscriptions() =>
        [.. _stream.Subscriptions.Select(subscription => subscription.Describe())];

    /// <summary>
    /// Changes count in every request, whatever its nonce (XP "Subscribing to resources"). Names that are both
    /// subscribed
    /// and unsubscribed end unsubscribed: clients of Istio say so to get nothing.
    /// </summary>
    private void ApplyChanges(Subscription subscription, DeltaDiscoveryRequest request)
    {
        var isFirst = !subscription.IsStarted;
        var wildcardBefore = subscription.Wildcard;
        var saysNothing = request.ResourceNamesSubscribe.Count == 0 && request.ResourceNamesUnsubscribe.Count == 0;
        if (isFirst && saysNothing)
            subscription.Wildcard = TypeUrl.AllowsWildcard(subscription.TypeUrl);

        var added = new List<string>();
        foreach (var name in request.ResourceNamesSubscribe.Distinct(StringComparer.Ordinal))
        {
            if (name is WildcardName)
                subscription.Wildcard = true;
            else if (subscription.Names.Add(name))
                added.Add(name);
        }
        // A name is sent even if the client is believed to have it (DISC resource_names_subscribe).
        subscription.Forced.UnionWith(request.ResourceNamesSubscribe.Where(name => name is not WildcardName));
        var removed = Unsubscribe(subscription, request.ResourceNamesUnsubscribe);
        _stream.ReportSubscription(subscription, added, removed, wildcardBefore);

        if (isFirst && request.InitialResourceVersions.Count > 0)
            Resume(subscription, request.InitialResourceVersions);
        var becameWildcard = subscription.Wildcard && !wildcardBefore;
        var isExplicit = request.ResourceNamesSubscribe.Contains(WildcardName);
        // A client that resumes has finished its start: it need not be told that nothing changed.
        subscription.MustAnswer |= becameWildcard && request.InitialResourceVersions.Count == 0
            && (isExplicit || TypeUrl.IsFullState(subscription.TypeUrl));
        subscription.Dirty |= isFirst || becameWildcard || subscription.Forced.Count > 0;
        subscription.IsStarted = true;
        if (removed.Count > 0 || (wildcardBefore && !subscription.Wildcard))
            subscription.ForgetUnwanted();
    }

    private static List<string> Unsubscribe(Subscription subscription, IEnumerable<string> names)
    {
        var removed = new List<string>();
        foreach (var name in names)
        {
            if (name is WildcardName)
                subscription.Wildcard = false;
            else if (subscription.Names.Remove(name))
                removed.Add(name);
        }
        // Under a wildcard the client drops the name and learns from the answer whether it is still in (XP).
        foreach (var name in removed)
        {
            subscription.Forced.Remove(name);
            if (subscription.Wildcard)
                subscription.Forced.Add(name);
        }
        return removed;
    }

    /// <summary>
    /// The client tells what an earlier stream gave it, so that only the differences need to be sent.
    /// </summary>
    private void Resume(Subscription subscription, IEnumerable<KeyValuePair<string, string>> versions)
    {
        _stream.NoteResumed(subscription.TypeUrl);
        // Clusters that this stream sent may be warming and wait for endpoints that the client believes it has.
        var mustRepeat = subscription.TypeUrl is TypeUrl.ClusterLoadAssignment
            && _stream.Find(TypeUrl.Cluster)?.Latest is { Resources.Length: > 0 };
        var held = subscription.Held.ToBuilder();
        foreach (var (name, version) in versions)
        {
            if (!subscription.Wants(name))
                continue;
            held[name] = version;
            subscription.Sent[name] = version;
            if (!mustRepeat)
                subscription.Forced.Remove(name);
        }
        subscription.Held = held.ToImmutable();
        _stream.ReportResumed(subscription);
    }

    private ResponseDraft? Build(Subscription subscription)
    {
        var set = _stream.View.Get(subscription.TypeUrl);
        var due = new List<XdsResource>();
        var wanted = subscription.Wildcard
            ? set.Resources
            : subscription.Names.Select(set.Find).OfType<XdsResource>();
        foreach (var resource in wanted)
        {
            var isDue = subscription.Forced.Contains(resource.Name) || !string.Equals(
                subscription.Sent.GetValueOrDefault(resource.Name), resource.ContentHash, StringComparison.Ordinal);
            if (isDue && !subscription.Quarantine.Holds(ContentQuarantine.Key(resource.Name, resource.ContentHash)))
                due.Add(resource);
        }
        var removed = Vanished(subscription, set);
        var mustAnswer = subscription.MustAnswer;
        subscription.MustAnswer = false;
        subscription.Forced.Clear();
        if (due.Count == 0 && removed.Count == 0 && !mustAnswer)
            return null;
        removed.UnionWith(subscription.RejectedRemovals.Where(name => set.Find(name) is null));
        return ResponseDraft.Delta(
            subscription.TypeUrl, set.Version, _stream.NextNonce(), _options.ControlPlaneIdentifier, due, [.. removed]);
    }

    /// <summary>Names that the client was sent or asks for now, and that do not exist.</summary>
    private static SortedSet<string> Vanished(Subscription subscription, ResourceSet set)
    {
        var names = new SortedSet<string>(StringComparer.Ordinal);
        names.UnionWith(subscription.Forced.Where(name => set.Find(name) is null));
        // Envoy refuses to lose a secret or an extension that it still refers to, and a subscription is a reference
        // (envoy#32832, envoy#32823).
        if (subscription.TypeUrl is not (TypeUrl.Secret or TypeUrl.ExtensionConfig))
            names.UnionWith(subscription.Sent.Keys.Where(name => set.Find(name) is null));
        return names;
    }
}
