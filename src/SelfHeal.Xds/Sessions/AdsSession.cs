using System.Diagnostics.CodeAnalysis;
using Envoy.Config.Core.V3;
using Envoy.Config.Endpoint.V3;
using Envoy.Service.Discovery.V3;
using SelfHeal.Core.Time;
using SelfHeal.Xds.Resources;
using SelfHeal.Xds.Snapshots;

namespace SelfHeal.Xds.Sessions;

/// <summary>One stream of the state-of-the-world variant.</summary>
public sealed class AdsSession : IXdsSession
{
    private const string WildcardName = "*";

    private readonly SessionOptions _options;
    private readonly StreamState _stream;

    /// <summary>A session for a stream that has just been opened.</summary>
    /// <param name="options">Its name and limits.</param>
    public AdsSession(SessionOptions options)
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
    /// Takes one request of the client: its answer to the latest response, its subscription, or both.
    /// </summary>
    /// <param name="request">Not kept, except for the node of the first one.</param>
    public void OnRequest(DiscoveryRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        if (!_stream.TryAdmit(request.Node, request.TypeUrl, out var subscription))
            return;
        if (!subscription.IsStarted && request.VersionInfo.Length > 0)
            _stream.NoteResumed(subscription.TypeUrl);
        var answer = _stream.Classify(subscription, request.ResponseNonce, request.ErrorDetail);
        ApplyNames(subscription, request.ResourceNames);
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
    /// Each request states the whole list. It counts even in a stale request: nothing is sent before the response that
    /// is on its way has been answered, and by then it is the newest list we know.
    /// </summary>
    private void ApplyNames(Subscription subscription, IReadOnlyCollection<string> requested)
    {
        var wildcardBefore = subscription.Wildcard;
        var wanted = new HashSet<string>(requested, StringComparer.Ordinal);
        var named = wanted.Remove(WildcardName);
        if (named || wanted.Count > 0)
            subscription.LegacyWildcard = false;
        else if (!subscription.IsStarted)
            subscription.LegacyWildcard = TypeUrl.AllowsWildcard(subscription.TypeUrl);
        subscription.Wildcard = named || subscription.LegacyWildcard;

        var added = wanted.Where(name => !subscription.Names.Contains(name)).ToList();
        var removed = subscription.Names.Where(name => !wanted.Contains(name)).ToList();
        foreach (var name in added)
            subscription.Names.Add(name);
        foreach (var name in removed)
            subscription.Names.Remove(name);
        _stream.ReportSubscription(subscription, added, removed, wildcardBefore);

        subscription.Forced.UnionWith(added);
        var becameWildcard = subscription.Wildcard && !(wildcardBefore && subscription.IsStarted);
        subscription.MustAnswer |= becameWildcard && (named || TypeUrl.IsFullState(subscription.TypeUrl));
        subscription.Dirty |= added.Count > 0 || becameWildcard;
        subscription.IsStarted = true;
        if (removed.Count > 0 || (wildcardBefore && !subscription.Wildcard))
            subscription.ForgetUnwanted();
    }

    private ResponseDraft? Build(Subscription subscription)
    {
        // VHDS exists in the delta variant only (XP, table of variants).
        if (subscription.TypeUrl is TypeUrl.VirtualHost)
            return null;
        return TypeUrl.IsFullState(subscription.TypeUrl) ? BuildFull(subscription) : BuildPartial(subscription);
    }

    /// <summary>The whole set that the client asks for: what is absent is deleted.</summary>
    private ResponseDraft? BuildFull(Subscription subscription)
    {
        var set = _stream.View.Get(subscription.TypeUrl);
        var resources = subscription.Wildcard
            ? set.Resources
            : [.. subscription.Names.Select(set.Find).OfType<XdsResource>()];
        var isDue = subscription.MustAnswer || subscription.Forced.Count > 0
            || resources.Length != subscription.Sent.Count
            || resources.Any(resource => Differs(subscription, resource));
        subscription.MustAnswer = false;
        subscription.Forced.Clear();
        if (!isDue)
            return null;
        var setKey = subscription.Wildcard ? set.Version : ResourceSet.VersionOf(subscription.TypeUrl, resources);
        return subscription.Quarantine.Holds(setKey)
            ? null
            : ResponseDraft.Sotw(
                subscription.TypeUrl,
                set.Version,
                _stream.NextNonce(),
                _options.ControlPlaneIdentifier,
                resources,
                setKey);
    }

    /// <summary>
    /// What the client asks for and has not been sent: absence says nothing, so the rest need not be repeated.
    /// </summary>
    private ResponseDraft? BuildPartial(Subscription subscription)
    {
        var set = _stream.View.Get(subscription.TypeUrl);
        var due = new List<XdsResource>();
        var names = subscription.Wildcard
            ? set.Resources.Select(resource => resource.Name).Union(subscription.Names, StringComparer.Ordinal)
            : subscription.Names;
        foreach (var name in names)
        {
            var forced = subscription.Forced.Contains(name);
            var resource = set.Find(name) ?? (forced ? Absent(subscription.TypeUrl, name) : null);
            if (resource is not null && (forced || Differs(subscription, resource))
                && !subscription.Quarantine.Holds(ContentQuarantine.Key(name, resource.ContentHash)))
                due.Add(resource);
        }
        var mustAnswer = subscription.MustAnswer;
        subscription.MustAnswer = false;
        subscription.Forced.Clear();
        if (due.Count == 0 && !mustAnswer)
            return null;
        due.Sort((left, right) => string.CompareOrdinal(left.Name, right.Name));
        return ResponseDraft.Sotw(
            subscription.TypeUrl, set.Version, _stream.NextNonce(), _options.ControlPlaneIdentifier, due, setKey: null);
    }

    /// <summary>
    /// A cluster whose assignment is unknown would warm for ever: it is told that it has no endpoints. For other types
    /// this variant cannot say that a name does not exist.
    /// </summary>
    private static XdsResource? Absent(string typeUrl, string name) =>
        typeUrl is TypeUrl.ClusterLoadAssignment
            ? XdsResource.FromMessage(new ClusterLoadAssignment { ClusterName = name })
            : null;

    private static bool Differs(Subscription subscription, XdsResource resource) => !string.Equals(
        subscription.Sent.GetValueOrDefault(resource.Name), resource.ContentHash, StringComparison.Ordinal);
}
