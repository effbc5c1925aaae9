using System.Collections.Immutable;
using SelfHeal.Sidecar.Admin;
using SelfHeal.Sidecar.Xds.Proxies;
using SelfHeal.Xds.Groups;
using SelfHeal.Xds.Resources;
using SelfHeal.Xds.Sessions;

namespace SelfHeal.Sidecar.Xds;

/// <summary>What one stream subscribes to and holds, folded from its session's events.</summary>
/// <param name="node">The proxy; empty before its first request.</param>
/// <param name="kind">What it is.</param>
internal sealed class ProxyStream(string node, ProxyStreamKind kind)
{
    // A person looks at the last few; a proxy that rejects everything must not fill the memory with what it rejected.
    private const int RejectionsMax = 10;

    private readonly SortedDictionary<string, ProxyTypeState> _types = new(TypeUrl.Comparer);
    private readonly Queue<ProxyRejection> _rejections = new();

    public string Node { get; private set; } = node;

    public ProxyStreamKind Kind => kind;

    /// <summary>The group that the client belongs to.</summary>
    public string Group { get; set; } = NodeGroups.Default;

    public bool IsAggregated => kind.OnlyType is null;

    /// <summary>The stream's number.</summary>
    public long Id { get; init; }

    /// <summary>Where the stream itself can be asked; null in tests of the registry alone.</summary>
    public IServedStream? Source { get; init; }

    /// <summary>When it opened.</summary>
    public DateTimeOffset OpenedAt { get; init; }

    /// <summary>Whether something that it was sent is not accepted.</summary>
    public bool IsOutOfSync => _types.Values.Any(t => t.StateOf(Source?.Intended) is "stale" or "error");

    public bool Carries(string typeUrl) => kind.OnlyType is null || kind.OnlyType == typeUrl;

    /// <summary>Folds one event in.</summary>
    /// <param name="node">The proxy.</param>
    /// <param name="happened">The event.</param>
    /// <param name="now">Its time, on both clocks.</param>
    /// <returns>For an answer, how long ago the response was sent.</returns>
    public TimeSpan Apply(string node, SessionEvent happened, ProxyMoment now)
    {
        if (Node.Length == 0)
            Node = node;
        switch (happened)
        {
            case SessionEvent.Subscribed subscribed:
                var state = Of(subscribed.TypeUrl);
                state.Wildcard = subscribed.Wildcard;
                state.Change(subscribed.Added, subscribed.Removed);
                break;
            case SessionEvent.Sent sent:
                Of(sent.TypeUrl).OnSent(sent, now);
                break;
            case SessionEvent.Acknowledged acknowledged:
                return Of(acknowledged.TypeUrl).OnAcknowledged(acknowledged, now);
            case SessionEvent.Resumed resumed:
                Of(resumed.TypeUrl).Held = resumed.Held;
                break;
            case SessionEvent.Rejected rejected:
                return OnRejected(Of(rejected.TypeUrl), rejected, now);
            case SessionEvent.Isolated isolated:
                OnIsolated(Of(isolated.TypeUrl), isolated);
                break;
        }

        return TimeSpan.Zero;
    }

    public bool Subscribes(string typeUrl, string name) =>
        _types.TryGetValue(typeUrl, out var state) && (state.Wildcard || state.Asks(name));

    public bool Holds(string typeUrl, string name, string contentHash) => HeldHash(typeUrl, name) == contentHash;

    public string? HeldHash(string typeUrl, string name) =>
        _types.TryGetValue(typeUrl, out var state) ? state.Held?.FindHash(name) : null;

    public ProxyStatus Describe() => new(
        Node,
        Connected: true,
        [
            .. _types.Select(t => new ProxyTypeStatus(
                TypeUrl.FullName(t.Key), t.Value.Version, t.Value.StateOf(Source?.Intended))),
        ]);

    /// <summary>All of it, as it stands now.</summary>
    public ProxyView View() => new(
        Id,
        Node,
        Source?.Node,
        kind,
        OpenedAt,
        Source?.Intended,
        [.. _types.Select(t => t.Value.View(t.Key, Source?.Intended))],
        [.. _rejections.Reverse()]);

    /// <summary>Adds what this stream asks for to a count.</summary>
    public void CountInto(
        Dictionary<(string Type, string Variant), int> subscriptions, Dictionary<string, long> resources)
    {
        foreach (var (typeUrl, state) in _types)
        {
            var type = TypeLabel.Of(typeUrl);
            var key = (type, kind.Delta ? "delta" : "sotw");
            subscriptions[key] = subscriptions.GetValueOrDefault(key) + 1;
            var count = state.Wildcard ? state.Held?.Count ?? 0 : state.Count;
            resources[type] = resources.GetValueOrDefault(type) + count;
        }
    }

    /// <summary>In how many resources the proxy does not hold what is intended.</summary>
    /// <param name="now">The time.</param>
    /// <param name="bound">How long a difference may last before it counts; a NACK counts at once.</param>
    /// <param name="budget">How many types may still be compared as a whole; taken from.</param>
    public (int Resources, bool IsRejected) Drift(ProxyMoment now, TimeSpan bound, ref int budget)
    {
        if (Source?.Intended is not { } intended)
            return (0, false);
        var (resources, isRejected) = (0, false);
        foreach (var (typeUrl, state) in _types)
        {
            var rejected = state.Rejection?.Standing(state.Held, intended).Count() ?? 0;
            isRejected |= rejected > 0;
            resources += Math.Max(rejected, state.Drift(typeUrl, kind.Delta, intended, now, bound, ref budget));
        }

        return (resources, isRejected);
    }

    private TimeSpan OnRejected(ProxyTypeState state, SessionEvent.Rejected rejected, ProxyMoment now)
    {
        var rejection = ProxyRejection.Of(rejected, state.Held, now.Time);
        if (_rejections.Count == RejectionsMax)
            _rejections.Dequeue();
        _rejections.Enqueue(rejection);
        return state.OnRejected(rejection, now);
    }

    private void OnIsolated(ProxyTypeState state, SessionEvent.Isolated isolated)
    {
        for (var count = _rejections.Count; count > 0; count--)
        {
            var rejection = _rejections.Dequeue();
            _rejections.Enqueue(rejection.TypeUrl == isolated.TypeUrl ? rejection.With(isolated) : rejection);
        }

        state.Rejection = state.Rejection?.With(isolated);
    }

    private ProxyTypeState Of(string typeUrl)
    {
        if (!_types.TryGetValue(typeUrl, out var state))
            _types.Add(typeUrl, state = new ProxyTypeState());
        return state;
    }
}
