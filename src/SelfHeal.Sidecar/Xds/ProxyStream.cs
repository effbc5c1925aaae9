using System.Collections.Immutable;
using SelfHeal.Sidecar.Admin;
using SelfHeal.Xds.Groups;
using SelfHeal.Xds.Resources;
using SelfHeal.Xds.Sessions;

namespace SelfHeal.Sidecar.Xds;

/// <summary>What one stream subscribes to and holds, folded from its session's events.</summary>
/// <param name="node">The proxy; empty before its first request.</param>
/// <param name="kind">What it is.</param>
internal sealed class ProxyStream(string node, ProxyStreamKind kind)
{
    private readonly SortedDictionary<string, TypeState> _types = new(TypeUrl.Comparer);

    public string Node { get; private set; } = node;

    /// <summary>The group that the client belongs to.</summary>
    public string Group { get; set; } = NodeGroups.Default;

    public bool IsAggregated => kind.OnlyType is null;

    public bool Carries(string typeUrl) => kind.OnlyType is null || kind.OnlyType == typeUrl;

    public void Apply(string node, SessionEvent happened)
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
                Of(sent.TypeUrl).Set(sent.Version, "stale");
                break;
            case SessionEvent.Acknowledged acknowledged:
                Of(acknowledged.TypeUrl).Set(acknowledged.Version, "synced");
                Of(acknowledged.TypeUrl).Held = acknowledged.Held;
                break;
            case SessionEvent.Resumed resumed:
                Of(resumed.TypeUrl).Held = resumed.Held;
                break;
            case SessionEvent.Rejected rejected:
                Of(rejected.TypeUrl).Set(rejected.Version, "error");
                break;
        }
    }

    public bool Subscribes(string typeUrl, string name) =>
        _types.TryGetValue(typeUrl, out var state) && (state.Wildcard || state.Asks(name));

    public bool Holds(string typeUrl, string name, string contentHash) => HeldHash(typeUrl, name) == contentHash;

    public string? HeldHash(string typeUrl, string name) =>
        _types.TryGetValue(typeUrl, out var state) ? state.Held?.FindHash(name) : null;

    public ProxyStatus Describe() => new(
        Node,
        Connected: true,
        [.. _types.Select(static t => new ProxyTypeStatus(TypeUrl.FullName(t.Key), t.Value.Version, t.Value.State))]);

    private TypeState Of(string typeUrl)
    {
        if (!_types.TryGetValue(typeUrl, out var state))
            _types.Add(typeUrl, state = new TypeState());
        return state;
    }

    private sealed class TypeState
    {
        // Sorted: a thousand names take 8 kB, and as a hash table four times as much on every stream.
        private ImmutableArray<string> _names = [];

        public bool Wildcard { get; set; }

        public ClientContents? Held { get; set; }

        public string Version { get; private set; } = "";

        public string State { get; private set; } = "not_sent";

        public bool Asks(string name) => _names.BinarySearch(name, StringComparer.Ordinal) >= 0;

        /// <summary>Both are sorted.</summary>
        public void Change(ImmutableArray<string> added, ImmutableArray<string> removed)
        {
            if (_names.IsEmpty && removed.IsEmpty)
            {
                _names = added;
                return;
            }

            var names = new SortedSet<string>(_names, StringComparer.Ordinal);
            names.ExceptWith(removed);
            names.UnionWith(added);
            _names = [.. names];
        }

        public void Set(string version, string state)
        {
            Version = version;
            State = state;
        }
    }
}
