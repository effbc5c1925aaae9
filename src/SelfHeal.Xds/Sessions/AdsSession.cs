using System.Diagnostics.CodeAnalysis;
using Envoy.Config.Core.V3;
using Envoy.Service.Discovery.V3;
using SelfHeal.Core.Time;
using SelfHeal.Xds.Resources;
using SelfHeal.Xds.Snapshots;

namespace SelfHeal.Xds.Sessions;

/// <summary>One stream of the state-of-the-world variant.</summary>
public sealed class AdsSession : IXdsSession
{
    private readonly StreamState _stream;

    /// <summary>A session for a stream that has just been opened.</summary>
    /// <param name="options">Its name and limits.</param>
    public AdsSession(SessionOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        _stream = new StreamState(options, isDelta: false);
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
        {
            _stream.NoteResumed(subscription.TypeUrl);
            subscription.ResumedVersion = request.VersionInfo;
        }
        var answer = _stream.Classify(subscription, request.ResponseNonce, request.ErrorDetail);
        ApplyNames(subscription, request.ResourceNames);
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
    /// Each request states the whole list. It counts even in a stale request: nothing is sent before the response that
    /// is on its way has been answered, and by then it is the newest list we know.
    /// </summary>
    private void ApplyNames(Subscription subscription, IReadOnlyList<string> requested)
    {
        if (subscription.IsStarted && subscription.Written.IsWrittenAs(requested))
            return;
        subscription.Written = NameList.Of(requested, subscription.Source);
        var wildcardBefore = subscription.Wildcard;
        var before = subscription.Names;
        var wanted = subscription.Written.Names;
        var named = subscription.Written.Wildcard;
        if (named || wanted.Count > 0)
            subscription.LegacyWildcard = false;
        else if (!subscription.IsStarted)
            subscription.LegacyWildcard = TypeUrl.AllowsWildcard(subscription.TypeUrl);
        var wildcard = named || subscription.LegacyWildcard || subscription.IsOpaque;
        if (!_stream.Ask(subscription, wanted, wildcard))
            return;

        subscription.Force(wanted.Except(before), byClient: true);
        var becameWildcard = wildcard && !(wildcardBefore && subscription.IsStarted);
        subscription.MustAnswer |= becameWildcard
            && (named || subscription.IsOpaque || TypeUrl.IsFullState(subscription.TypeUrl));
        subscription.Dirty |= becameWildcard;
        subscription.IsStarted = true;
    }
}
