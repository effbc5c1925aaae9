using System.Collections.Immutable;
using SelfHeal.Xds.Resources;
using SelfHeal.Xds.Snapshots;

namespace SelfHeal.Xds.Accepted;

/// <summary>
/// Gathers what the nodes of one group accept of what they are served. Each content counts as soon as one of them has
/// acknowledged it; an older one counts until then. Not thread-safe.
/// </summary>
/// <param name="validator">Says what can be served.</param>
public sealed class AcceptedContents(SnapshotValidator validator)
{
    private static readonly IReadOnlySet<ContentKey> NoneRejected = ImmutableHashSet<ContentKey>.Empty;

    private readonly SortedDictionary<string, OfType> _types = new(TypeUrl.Comparer);
    private ValidatedSnapshot? _composed;
    private bool _changed;

    /// <summary>Begins with what an earlier process kept.</summary>
    /// <param name="accepted">What was accepted last.</param>
    public void Restore(ValidatedSnapshot accepted)
    {
        ArgumentNullException.ThrowIfNull(accepted);
        _types.Clear();
        foreach (var (typeUrl, set) in accepted.Sets)
        {
            foreach (var resource in set.Resources)
                Of(typeUrl).Accepted[resource.Name] = resource;
        }

        _composed = accepted;
    }

    /// <summary>Something else is served from now on.</summary>
    /// <param name="served">What.</param>
    public void Serve(ValidatedSnapshot served)
    {
        ArgumentNullException.ThrowIfNull(served);
        foreach (var typeUrl in served.Sets.Keys.Union(_types.Keys, StringComparer.Ordinal).ToList())
            Of(typeUrl).Serve(served.Get(typeUrl));
    }

    /// <summary>Whether an ACK of a type could tell anything new.</summary>
    /// <param name="typeUrl">The type.</param>
    public bool Awaits(string typeUrl) => _types.GetValueOrDefault(typeUrl)?.IsSettled == false;

    /// <summary>A node has acknowledged a response of a type.</summary>
    /// <param name="typeUrl">The type.</param>
    /// <param name="heldHash">The content hash of what it holds of the type now, by name; null where it holds
    /// nothing.</param>
    /// <returns>Whether something counts as accepted that did not before, or no longer does.</returns>
    public bool Acknowledge(string typeUrl, Func<string, string?> heldHash)
    {
        ArgumentNullException.ThrowIfNull(heldHash);
        if (!_types.TryGetValue(typeUrl, out var type) || type.IsSettled)
            return false;
        var changed = type.Acknowledge(heldHash);
        _changed |= changed;
        return changed;
    }

    /// <summary>
    /// All that was accepted last, as it can be served: where a new content refers to what nobody has accepted yet, the
    /// content before it counts.
    /// </summary>
    /// <returns>Null if nothing was accepted.</returns>
    public ValidatedSnapshot? Compose()
    {
        if (!_changed)
            return _composed;
        _changed = false;
        DropWhatNobodyNeeds();
        var all = Snapshot.Create(_types.Values.SelectMany(static type => type.Accepted.Values));
        return _composed = Containment.Contain(all, _composed, NoneRejected, validator).Snapshot;
    }

    private OfType Of(string typeUrl)
    {
        if (!_types.TryGetValue(typeUrl, out var type))
            _types.Add(typeUrl, type = new OfType());
        return type;
    }

    /// <summary>
    /// What is not served any more, and what some node holds no more, goes; but not while something that counts as
    /// accepted refers to it: the new content of that may yet be rejected.
    /// </summary>
    private void DropWhatNobodyNeeds()
    {
        // Listeners refer to routes, routes to clusters, clusters to endpoints: a few rounds at most.
        while (true)
        {
            var needed = _types.Values.SelectMany(static type => type.Accepted.Values)
                .SelectMany(References.Of).ToHashSet();
            var dropped = false;
            foreach (var (typeUrl, type) in _types)
                dropped |= type.Drop(name => !needed.Contains((typeUrl, name)));
            if (!dropped)
                return;
        }
    }

    private sealed class OfType
    {
        // Contents of one name that were served since it was accepted last. A client has one response on its way, so
        // its ACK is of one of the newest; of one that is older than these it proves nothing.
        private const int DisplacedMax = 4;

        // More names than any gateway has. Beyond it all are forgotten: their ACKs, should any come, do not count.
        private const int DisplacedNamesMax = 100_000;

        private readonly Dictionary<string, XdsResource> _pending = new(StringComparer.Ordinal);
        private readonly Dictionary<string, List<XdsResource>> _displaced = new(StringComparer.Ordinal);
        private readonly HashSet<string> _leaving = new(StringComparer.Ordinal);
        private readonly HashSet<string> _left = new(StringComparer.Ordinal);
        private ResourceSet? _served;

        public Dictionary<string, XdsResource> Accepted { get; } = new(StringComparer.Ordinal);

        public bool IsSettled => _pending.Count == 0 && _leaving.Count == 0;

        public void Serve(ResourceSet served)
        {
            if (ReferenceEquals(_served, served))
                return;
            _served = served;
            Displace();
            _leaving.Clear();
            foreach (var resource in served.Resources)
            {
                _left.Remove(resource.Name);
                if (!Accepted.TryGetValue(resource.Name, out var old) || old.ContentHash != resource.ContentHash)
                    _pending.Add(resource.Name, resource);
                else
                    Accepted[resource.Name] = resource; // The same content, in the object that everybody shares.
            }

            _leaving.UnionWith(Accepted.Keys.Where(name => served.Find(name) is null && !_left.Contains(name)));
        }

        public bool Acknowledge(Func<string, string?> heldHash)
        {
            var accepted = _pending.Values.Where(each => heldHash(each.Name) == each.ContentHash).ToList();
            // An ACK may come after something newer was served: it is of the content before.
            accepted.AddRange(_displaced.Values.Select(
                each => each.Find(resource => heldHash(resource.Name) == resource.ContentHash)).OfType<XdsResource>());
            foreach (var resource in accepted)
            {
                if (_pending.TryGetValue(resource.Name, out var newest) && newest.ContentHash == resource.ContentHash)
                    _pending.Remove(resource.Name);
                _displaced.Remove(resource.Name);
                Accepted[resource.Name] = resource;
            }

            var gone = _leaving.Where(name => heldHash(name) is null).ToList();
            _leaving.ExceptWith(gone);
            _left.UnionWith(gone);
            return accepted.Count + gone.Count > 0;
        }

        /// <summary>What nobody has accepted yet, and is not served any more, may still be acknowledged.</summary>
        private void Displace()
        {
            if (_displaced.Count > DisplacedNamesMax)
                _displaced.Clear();
            foreach (var (name, resource) in _pending)
            {
                if (!_displaced.TryGetValue(name, out var older))
                    _displaced.Add(name, older = []);
                if (older.Exists(each => each.ContentHash == resource.ContentHash))
                    continue;
                if (older.Count == DisplacedMax)
                    older.RemoveAt(0);
                older.Add(resource);
            }

            _pending.Clear();
        }

        public bool Drop(Func<string, bool> isFree)
        {
            var free = _left.Where(isFree).ToList();
            foreach (var name in free)
            {
                _left.Remove(name);
                Accepted.Remove(name);
            }

            return free.Count > 0;
        }
    }
}
