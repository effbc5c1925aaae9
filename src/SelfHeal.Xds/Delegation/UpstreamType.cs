using Envoy.Service.Discovery.V3;
using SelfHeal.Core;
using SelfHeal.Xds.Resources;
using SelfHeal.Xds.Snapshots;

namespace SelfHeal.Xds.Delegation;

/// <summary>
/// One type towards the upstream: what the client wants of it, what the upstream was told, what it answered, and what
/// it is still owed. Its nonces live as long as the upstream's stream; its resources as long as the client's.
/// </summary>
/// <param name="typeUrl">The type.</param>
/// <param name="isDelta">The variant.</param>
internal sealed class UpstreamType(string typeUrl, bool isDelta)
{
    private const string Wildcard = "*";
    private const int InvalidArgument = 3; // google.rpc.Code

    private readonly HashSet<string> _names = new(StringComparer.Ordinal);
    private readonly HashSet<string> _told = new(StringComparer.Ordinal);
    private readonly HashSet<string> _awaited = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, UpstreamResource> _resources = new(StringComparer.Ordinal);

    // What an earlier stream was given and this client has not asked for yet: it asks for endpoints and routes only
    // when it has what names them.
    private readonly SortedDictionary<string, UpstreamResource> _kept = new(StringComparer.Ordinal);
    private bool _wildcard;
    private bool _toldWildcard;
    private bool _hasNamed;
    private bool _isStarted;
    private bool _isChangeDue;
    private bool _isChanged;
    private string _nonce = string.Empty;
    private string _version = string.Empty;
    private string _acceptedVersion = string.Empty;
    private Google.Rpc.Status? _rejection;
    private bool _isAnswerDue;

    public string TypeUrl { get; } = typeUrl;

    /// <summary>Whether an answer states the whole set: also of a type that is not known, whose resources have no names
    /// in the state-of-the-world variant.</summary>
    public bool IsWhole => !isDelta && (Resources.TypeUrl.IsFullState(TypeUrl) || !Resources.TypeUrl.IsKnown(TypeUrl));

    /// <summary>Whether the upstream, or what is kept of it, has said anything yet.</summary>
    public bool HasAnswered { get; private set; }

    /// <summary>The next response is the first of a new stream and repeats what an earlier one gave.</summary>
    public bool IsRepeated { get; private set; }

    /// <summary>The latest response has not been answered, and nobody has said how.</summary>
    public bool IsUndecided { get; private set; }

    /// <summary>All that the upstream gave; the very same object as long as nothing changes.</summary>
    public ResourceSet Set { get; private set; } = Snapshot.EmptySet(typeUrl);

    /// <summary>What it has under a name.</summary>
    public XdsResource? Find(string name) =>
        _resources.TryGetValue(name, out var found) ? found.Resource : null;

    /// <summary>The client asked for it and the upstream has neither given nor denied it.</summary>
    public bool IsAwaited(string name) => _awaited.Contains(name);

    /// <summary>The client's interest has changed.</summary>
    public void Ask(IReadOnlyCollection<string> added, IEnumerable<string> removed, bool wildcard)
    {
        _names.UnionWith(added);
        foreach (var name in removed)
        {
            _names.Remove(name);
            // What the upstream has been asked is answered as long as it is not told otherwise.
            if (!_told.Contains(name))
                _awaited.Remove(name);
        }

        if (!Resources.TypeUrl.IsKnown(TypeUrl) && !isDelta)
            HasAnswered = false; // Which of the next ones answers what was asked before cannot be told by name.
        _wildcard = wildcard;
        _isChangeDue = true;
        TakeKept();
        DropUnwanted();
        if (IsWhole)
            return;
        // Of what it has been asked already and has not given, it has said that there is none.
        foreach (var name in added.Where(name => !_told.Contains(name) && Set.FindCalled(name) is null))
            _awaited.Add(name);
        ForgetFilledGlobs();
    }

    /// <summary>The client holds these from an earlier stream: the upstream is asked whether they are still there.
    /// </summary>
    public void Resume(IEnumerable<string> names)
    {
        foreach (var name in names)
        {
            if (Set.Find(name) is null)
                _awaited.Add(name);
        }
    }

    /// <summary>A new stream to the upstream: it knows nothing of what was said before.</summary>
    public void Reset()
    {
        _told.Clear();
        _toldWildcard = false;
        _hasNamed = false;
        _isStarted = false;
        IsRepeated = HasAnswered;
        _isChangeDue = true;
        _nonce = string.Empty;
        _rejection = null;
        _isAnswerDue = false;
        IsUndecided = false;
        ForgetUnwanted();
    }

    /// <summary>Goes on with what an earlier stream was given.</summary>
    public void Restore(UpstreamTypeContents contents)
    {
        foreach (var resource in contents.Resources)
            _kept[resource.Resource.Name] = resource;
        _version = _acceptedVersion = contents.Version;
        HasAnswered = true;
        TakeKept();
        Publish();
        _awaited.RemoveWhere(name => Set.FindCalled(name) is not null);
        ForgetFilledGlobs();
    }

    /// <summary>What is to be kept for <see cref="Restore"/>.</summary>
    public UpstreamTypeContents Keep() => new(
        _acceptedVersion,
        [.. _resources.Values.Concat(_kept.Values).OrderBy(static each => each.Resource.Name, StringComparer.Ordinal)]);

    /// <summary>Takes a response whose resources could all be read.</summary>
    /// <param name="nonce">The upstream's.</param>
    /// <param name="version">The upstream's.</param>
    /// <param name="resources">Each name once.</param>
    /// <param name="removed">Names that are gone; delta only.</param>
    public void Take(
        string nonce, string version, IReadOnlyCollection<UpstreamResource> resources, IEnumerable<string> removed)
    {
        NoteResponse(nonce, version);
        _kept.Clear();
        if (IsWhole)
        {
            var names = resources.Select(static each => each.Resource.Name).ToHashSet(StringComparer.Ordinal);
            foreach (var gone in _resources.Keys.Where(name => !names.Contains(name)).ToList())
                Remove(gone);
        }

        // An upstream may say more than it was asked: what nobody wants would be kept for ever.
        foreach (var each in resources.Where(each => IsWanted(each.Resource)))
            Put(each);
        foreach (var name in removed)
        {
            Remove(XdstpName.Normalize(name));
            _awaited.Remove(XdstpName.Normalize(name));
        }

        HasAnswered = true;
        IsRepeated = false;
        Publish();
        ForgetFilledGlobs();
    }

    /// <summary>The latest response cannot be relayed: the upstream is told, and what it gave before stays.</summary>
    public void Refuse(string nonce, string version, string problem)
    {
        NoteResponse(nonce, version);
        Reject(new Google.Rpc.Status { Code = InvalidArgument, Message = problem });
    }

    /// <summary>The latest response is in the client.</summary>
    public void Acknowledge()
    {
        Invariant.Assert(IsUndecided, "only a response that waits for its answer is acknowledged");
        IsUndecided = false;
        _rejection = null;
        _isAnswerDue = true;
        _acceptedVersion = _version;
    }

    /// <summary>The client rejects the latest response, and it carries nothing of ours.</summary>
    public void Reject(Google.Rpc.Status error)
    {
        Invariant.Assert(IsUndecided, "only a response that waits for its answer is rejected");
        IsUndecided = false;
        _rejection = error;
        _isAnswerDue = true;
    }

    /// <summary>The next request in the state-of-the-world variant; null if there is nothing to say.</summary>
    public DiscoveryRequest? NextRequest()
    {
        var hasInterest = _wildcard || _names.Count > 0;
        if (!_isAnswerDue && (!_isChangeDue || (_isStarted ? !IsChanged : !hasInterest)))
        {
            _isChangeDue &= !_isStarted;
            return null;
        }

        var request = new DiscoveryRequest
        {
            TypeUrl = TypeUrl,
            // Before the first answer of a stream: what an earlier one left, so that an equal set need not be sent.
            VersionInfo = _isAnswerDue && _rejection is null ? _version : _acceptedVersion,
            ResponseNonce = _nonce,
        };
        // A changed subscription is dropped from a request that rejects (Istiod): it follows in one of its own.
        if (_rejection is { } rejection)
            request.ErrorDetail = rejection;
        else
            Tell();
        request.ResourceNames.Add(_told.Order(StringComparer.Ordinal));
        if (_toldWildcard && !IsOpaque && (_hasNamed || !Resources.TypeUrl.AllowsWildcard(TypeUrl)))
            request.ResourceNames.Add(Wildcard);
        _isStarted = true;
        _isAnswerDue = false;
        _rejection = null;
        return request;
    }

    /// <summary>The next request in the incremental variant; null if there is nothing to say.</summary>
    public DeltaDiscoveryRequest? NextDeltaRequest()
    {
        if (_isAnswerDue)
        {
            // Alone: what else is in a request that rejects, or that comes too late, is dropped (Istiod).
            var answer = new DeltaDiscoveryRequest { TypeUrl = TypeUrl, ResponseNonce = _nonce };
            if (_rejection is { } rejection)
                answer.ErrorDetail = rejection;
            _isAnswerDue = false;
            _rejection = null;
            return answer;
        }

        var isFirst = !_isStarted;
        if (!_isChangeDue || (isFirst ? !_wildcard && _names.Count == 0 : !IsChanged))
        {
            _isChangeDue &= isFirst;
            return null;
        }

        var request = new DeltaDiscoveryRequest { TypeUrl = TypeUrl };
        request.ResourceNamesSubscribe.Add(_names.Where(name => !_told.Contains(name)).Order(StringComparer.Ordinal));
        request.ResourceNamesUnsubscribe.Add(_told.Where(name => !_names.Contains(name)).Order(StringComparer.Ordinal));
        // Without any name the first request asks for everything; later it must be said.
        if (_wildcard && !_toldWildcard
            && (!isFirst || _names.Count > 0 || !Resources.TypeUrl.AllowsWildcard(TypeUrl)))
            request.ResourceNamesSubscribe.Add(Wildcard);
        else if (!_wildcard && _toldWildcard)
            request.ResourceNamesUnsubscribe.Add(Wildcard);
        if (isFirst)
            AddHeld(request);
        Tell();
        _isStarted = true;
        return request;
    }

    private bool IsOpaque => !isDelta && !Resources.TypeUrl.IsKnown(TypeUrl);

    private bool IsChanged => _wildcard != _toldWildcard || !_names.SetEquals(_told);

    private void NoteResponse(string nonce, string version)
    {
        // A newer response makes the one before it stale: it needs no answer any more.
        (_nonce, _version) = (nonce, version);
        _isAnswerDue = false;
        _rejection = null;
        IsUndecided = true;
    }

    private void Tell()
    {
        _told.Clear();
        _told.UnionWith(_names);
        _toldWildcard = _wildcard;
        // From then on a list without names says that nothing is wanted, and the wildcard must be said (XP).
        _hasNamed |= _told.Count > 0;
        _isChangeDue = false;
        ForgetUnwanted();
    }

    /// <summary>The upstream does not tell any more of what it is not asked for.</summary>
    private void ForgetUnwanted()
    {
        if (!_wildcard)
            _awaited.RemoveWhere(name => !_names.Contains(name) && !IsInGlob(_names, name));
        DropUnwanted();
    }

    /// <summary>What is kept and asked for is given until the upstream says something else.</summary>
    private void TakeKept()
    {
        foreach (var each in _kept.Values.Where(each => IsWanted(each.Resource)).ToList())
        {
            _kept.Remove(each.Resource.Name);
            _isChanged |= _resources.TryAdd(each.Resource.Name, each);
        }
    }

    /// <summary>A collection that has members has been answered.</summary>
    private void ForgetFilledGlobs() => _awaited.RemoveWhere(name => XdstpName.IsGlob(name)
        && Set.Resources.Any(resource => XdstpName.IsIn(resource.Name, name)));

    /// <summary>What the client has, as far as it is known: the upstream tells which of it is gone.</summary>
    private void AddHeld(DeltaDiscoveryRequest request)
    {
        foreach (var (name, resource) in _resources)
            request.InitialResourceVersions[name] = resource.Version;
        foreach (var name in _awaited.Where(name => !_names.Contains(name)).Order(StringComparer.Ordinal))
            request.InitialResourceVersions[name] = string.Empty;
    }

    private void Put(UpstreamResource next)
    {
        var name = next.Resource.Name;
        _awaited.Remove(name);
        foreach (var alias in next.Resource.Aliases)
            _awaited.Remove(alias);
        if (_resources.TryGetValue(name, out var before) && before.Resource.HasContentOf(next.Resource))
        {
            // The object stays, so that whoever compares references knows that nothing changed.
            _resources[name] = before with { Version = next.Version };
            return;
        }

        _resources[name] = next;
        _isChanged = true;
    }

    private void Remove(string name) => _isChanged |= _resources.Remove(name);

    /// <summary>Names that are asked for neither by the client nor, as far as it has been told, at the upstream.
    /// </summary>
    private void DropUnwanted()
    {
        foreach (var gone in _resources.Values.Where(each => !IsWanted(each.Resource)).ToList())
            Remove(gone.Resource.Name);
        Publish();
    }

    private void Publish()
    {
        if (!_isChanged)
            return;
        _isChanged = false;
        Set = ResourceSet.FromOrdered(TypeUrl, [.. _resources.Values.Select(static each => each.Resource)]);
    }

    private bool IsWanted(XdsResource resource) => _wildcard || _toldWildcard || IsOpaque
        || IsAmong(_names, resource) || IsAmong(_told, resource);

    private static bool IsAmong(HashSet<string> names, XdsResource resource) => names.Contains(resource.Name)
        || resource.Aliases.Any(names.Contains)
        || IsInGlob(names, resource.Name);

    private static bool IsInGlob(HashSet<string> names, string member) =>
        names.Any(name => XdstpName.IsGlob(name) && XdstpName.IsIn(member, name));
}
