using System.Collections.Immutable;
using SelfHeal.Xds.Accepted;
using SelfHeal.Xds.Resources;
using SelfHeal.Xds.Snapshots;

namespace SelfHeal.Sidecar.Accepted;

/// <summary>
/// What the nodes of one group accept, told by their streams, and asked for by whoever keeps or serves it. Any thread.
/// </summary>
/// <param name="group">The group's name.</param>
internal sealed class AcceptedGroup(string group)
{
    private readonly Lock _lock = new();
    // What proxies accepted is not judged by the API's rules once more: it may be of a newer API than this build's.
    private readonly AcceptedContents _contents = new(
        new SnapshotValidator(new SnapshotValidatorOptions { CheckRules = false }));

    // Contents that overlays lay on, as the source declares them. Pruned to what is served or accepted.
    private readonly Dictionary<ContentKey, XdsResource> _declared = [];
    private volatile ImmutableHashSet<string> _awaited = [];
    private volatile bool _isDirty;
    private volatile ValidatedSnapshot? _remembered;
    private Change? _next;

    /// <summary>The group's name.</summary>
    public string Group { get; } = group;

    /// <summary>Whether something was accepted since it was last kept.</summary>
    public bool IsDirty => _isDirty;

    /// <summary>The number of the file that was last read or written; 0 for none.</summary>
    public ulong Generation { get; set; }

    /// <summary>Begins with what an earlier process kept.</summary>
    /// <param name="kept">It.</param>
    /// <returns>What it declares without overlays, as it can be served; null if it holds nothing.</returns>
    public ValidatedSnapshot? Restore(KeptGroup kept)
    {
        var resources = kept.State.Types.Values.SelectMany(static type => type).ToList();
        var accepted = Close(resources.Select(static each => each.Resource).OfType<XdsResource>(), kept.State);
        lock (_lock)
        {
            Generation = kept.Generation;
            _contents.Restore(accepted);
            foreach (var each in resources)
            {
                if (each is { Resource: { } resource, Declared: { } declared })
                    _declared[KeyOf(resource)] = declared;
            }
        }

        if (resources.TrueForAll(static each => each.Declared is null))
            return accepted.Sets.IsEmpty ? null : accepted;
        var source = Close(
            resources.Select(static each => each.Declared ?? each.Resource).OfType<XdsResource>(), kept.State);
        return source.Sets.IsEmpty ? null : source;
    }

    /// <summary>
    /// Something else is served from now on. Most of the work waits until a node says what it thinks of it.
    /// </summary>
    /// <param name="served">What.</param>
    /// <param name="target">What is meant to be served; the same unless something is contained.</param>
    /// <param name="source">The target without overlays.</param>
    public void Serve(ValidatedSnapshot served, ValidatedSnapshot target, ValidatedSnapshot source)
    {
        lock (_lock)
        {
            TakeNext(); // The ACK of what was served until now may still come.
            _next = new Change(served, target, source);
        }
    }

    /// <summary>A node has acknowledged a response.</summary>
    /// <param name="typeUrl">Its type.</param>
    /// <param name="heldHash">What the node holds of the type now: content hash by name.</param>
    public void Acknowledge(string typeUrl, Func<string, string?> heldHash)
    {
        // A thousand streams acknowledge the same content: all but the first few find nothing to tell.
        if (_next is null && !_awaited.Contains(typeUrl))
            return;
        lock (_lock)
        {
            TakeNext();
            if (_contents.Acknowledge(typeUrl, heldHash))
                _isDirty = true;
            if (!_contents.Awaits(typeUrl))
                _awaited = _awaited.Remove(typeUrl);
        }
    }

    /// <summary>
    /// What was accepted last, as it was put together last: a herd that connects must not put it together anew for each
    /// stream.
    /// </summary>
    public ValidatedSnapshot? Remembered => _remembered ?? LastAccepted();

    /// <summary>What was accepted last, as it can be served; null if nothing was.</summary>
    public ValidatedSnapshot? LastAccepted()
    {
        lock (_lock)
        {
            TakeNext();
            return _remembered = _contents.Compose();
        }
    }

    /// <summary>Takes what is to be kept.</summary>
    /// <param name="at">When.</param>
    /// <returns>Null if nothing was accepted.</returns>
    public AcceptedState? Take(DateTimeOffset at)
    {
        lock (_lock)
        {
            _isDirty = false;
            _remembered = _contents.Compose();
            return _remembered is { } composed ? Describe(composed, at, at) : null;
        }
    }

    /// <summary>It could not be kept: it is to be tried again.</summary>
    public void PutBack() => _isDirty = true;

    /// <summary>What a file of a snapshot of this group holds.</summary>
    /// <param name="snapshot">What was accepted.</param>
    /// <param name="at">When.</param>
    /// <param name="since">Since when.</param>
    public AcceptedState Describe(ValidatedSnapshot snapshot, DateTimeOffset at, DateTimeOffset since)
    {
        lock (_lock)
        {
            var types = ImmutableSortedDictionary.CreateBuilder<string, ImmutableArray<AcceptedResource>>(
                TypeUrl.Comparer);
            foreach (var (typeUrl, set) in snapshot.Sets)
            {
                types.Add(typeUrl, [.. set.Resources.Select(
                    resource => AcceptedResource.Of(resource, _declared.GetValueOrDefault(KeyOf(resource))))]);
            }

            return new AcceptedState(Group, at, since, types.ToImmutable());
        }
    }

    /// <summary>
    /// What was kept without its secrets may refer to what is missing now. Traffic to such a cluster fails until the
    /// source is back; a route that only names it is served none the less.
    /// </summary>
    public static ValidatedSnapshot Close(IEnumerable<XdsResource> resources, AcceptedState state)
    {
        var withheld = state.Types.GetValueOrDefault(TypeUrl.Cluster, [])
            .Where(static each => each.IsWithheld).Select(static each => each.Name);
        var validator = new SnapshotValidator(new SnapshotValidatorOptions
        {
            StaticClusters = withheld.ToImmutableHashSet(StringComparer.Ordinal),
            CheckRules = false,
        });
        return Containment.Contain(
            Snapshot.Create(resources), null, ImmutableHashSet<ContentKey>.Empty, validator).Snapshot;
    }

    private static ContentKey KeyOf(XdsResource resource) =>
        new(resource.TypeUrl, resource.Name, resource.ContentHash);

    private void TakeNext()
    {
        if (Interlocked.Exchange(ref _next, null) is not var (served, target, source))
            return;
        Prune(served);
        foreach (var (typeUrl, set) in target.Sets)
        {
            if (ReferenceEquals(set, source.Get(typeUrl)))
                continue;
            foreach (var resource in set.Resources)
            {
                if (source.Get(typeUrl).Find(resource.Name) is { } declared
                    && declared.ContentHash != resource.ContentHash)
                    _declared[KeyOf(resource)] = declared;
            }
        }

        _contents.Serve(served);
        _awaited = [.. served.Sets.Keys.Union(_awaited, StringComparer.Ordinal).Where(_contents.Awaits)];
    }

    private void Prune(ValidatedSnapshot served)
    {
        if (_declared.Count == 0)
            return;
        var accepted = _contents.Compose();
        foreach (var key in _declared.Keys.ToList())
        {
            if (served.Get(key.TypeUrl).Find(key.Name)?.ContentHash != key.ContentHash
                && accepted?.Get(key.TypeUrl).Find(key.Name)?.ContentHash != key.ContentHash)
                _declared.Remove(key);
        }
    }

    private sealed record Change(ValidatedSnapshot Served, ValidatedSnapshot Target, ValidatedSnapshot Source);
}
