using SelfHeal.Core;
using SelfHeal.Core.Time;
using SelfHeal.Xds.Delegation;
using SelfHeal.Xds.Snapshots;

namespace SelfHeal.Xds.Sessions;

/// <summary>The state of one type on one stream: what the client asks for, was sent, holds and rejected.</summary>
internal sealed partial class Subscription
{
    private readonly WantedSet _wanted;
    private WaitClock _answerWait;
    private WaitClock _rejectionWait;
    private ControlTime? _ttlSince;
    private bool _isHeartbeatDue;

    // What a client holds from an earlier stream and that is gone: its routes may still use it.
    private NameSet _deferred = NameSet.Empty;
    private WaitClock _deferredWait;

    public Subscription(string typeUrl, SessionOptions options)
    {
        TypeUrl = typeUrl;
        Quarantine = new ContentQuarantine(options.QuarantineMax);
        _rejectedKeysMax = options.QuarantineMax;
        _wanted = new WantedSet(typeUrl);
        Held = ClientContents.Empty(typeUrl);
        Sent = Held;
    }

    public string TypeUrl { get; }

    /// <summary>False until the first request has been read: what it means depends on being the first.</summary>
    public bool IsStarted { get; set; }

    public bool Wildcard { get; private set; }

    /// <summary>
    /// Whether the wildcard came from a request without names, which in SotW only lasts as long as none are named.
    /// </summary>
    public bool LegacyWildcard { get; set; }

    /// <summary>Names asked for, without <c>*</c>.</summary>
    public NameSet Names { get; private set; } = NameSet.Empty;

    /// <summary>The latest list of a state-of-the-world client.</summary>
    public NameList Written { get; set; } = NameList.Empty;

    /// <summary>Names that must be answered even if the client has been sent their content.</summary>
    public NameSet Forced { get; private set; } = NameSet.Empty;

    /// <summary>
    /// Whether the client itself asked again for some of them: then even what it rejected is answered.
    /// </summary>
    public bool IsForcedByClient { get; private set; }

    /// <summary>Whether even an answer without any change must be given.</summary>
    public bool MustAnswer { get; set; }

    /// <summary>
    /// What the client has if it applied all that it was sent; null for a full set that it rejected, of which it may
    /// have any part.
    /// </summary>
    public ClientContents? Sent { get; private set; }

    /// <summary>What the client acknowledged.</summary>
    public ClientContents Held { get; private set; }

    /// <summary>Whether the client has accepted anything on this stream, or told what it holds.</summary>
    public bool HasAccepted { get; private set; }

    public ContentQuarantine Quarantine { get; }

    /// <summary>The latest response; null before the first.</summary>
    public SentResponse? Latest { get; private set; }

    public SessionEvent.Rejected? LastRejection { get; private set; }

    /// <summary>Whether something changed since the last look at whether there is anything to send.</summary>
    public bool Dirty { get; set; }

    public bool IsUnanswered => Latest is { IsAnswered: false };

    /// <summary>
    /// Nothing is on its way, nothing is left to send, and the client has all that it is to have: not something older
    /// in its place.
    /// </summary>
    public bool IsSettled =>
        !Dirty && Latest is not { IsAnswered: false } and not { IsRejected: true } && !IsFallenBack;

    /// <summary>All that the source intends for this type.</summary>
    public ResourceSet Source => _wanted.Source;

    /// <summary>What the client is to have.</summary>
    public ResourceSet Wanted => _wanted.Set;

    /// <summary>What a state-of-the-world client said that it holds from an earlier stream; null if nothing.</summary>
    public string? ResumedVersion { get; set; }

    public bool HasLingering => _wanted.HasLingering || _deferred.Count > 0;

    public int LingeringCount => _wanted.LingeringCount;

    /// <summary>Whether routes and listeners must wait for this type.</summary>
    public bool HoldsUnanswered => IsUnanswered && !_answerWait.IsOverdue;

    /// <summary>Whether they wait though no answer is due: the client may lack what they point at.</summary>
    public bool HoldsRejected => IsInDoubt && !_rejectionWait.IsOverdue;

    private bool IsInDoubt =>
        Relayed is null && (Latest is { IsRejected: true } || _search is not null || _lacksCulprit);

    /// <summary>Whether the client understands a time to live.</summary>
    public bool UsesTtl { get; init; }

    /// <summary>The upstream whose answers these are; null: our own.</summary>
    public UpstreamSession? Relayed { get; init; }

    /// <summary>
    /// Whether it is relayed without a look into it: a type that is not known, whose resources have no names.
    /// </summary>
    public bool IsOpaque { get; init; }

    /// <summary>What the client may be served; null: everything.</summary>
    public ResourceAccess? Access { get; init; }

    /// <summary>Whether the client is told why it does not get what it asks for.</summary>
    public bool ReportsProblems { get; init; }

    public bool Wants(string name) => Wildcard || Names.Contains(name)
        || (Source.HasAliases && Wanted.Find(name) is not null);

    /// <summary>Changes what the client asks for, and forgets what it no longer does.</summary>
    public void Ask(NameSet names, bool wildcard)
    {
        var gone = Names.Except(names);
        var lostWildcard = Wildcard && !wildcard;
        Names = names;
        Wildcard = wildcard;
        _wanted.Ask(names, wildcard);
        if (lostWildcard)
        {
            Sent = Sent?.Select(names);
            Held = Held.Select(names);
            Forced = NameSet.Of(Forced.Names.Where(Wants));
        }
        else if (!wildcard && gone.Count > 0)
        {
            if (gone.HasGlobs || Source.HasAliases)
                gone = NameSet.Of(Had().Where(name => !Wants(name)));
            Sent = Sent?.Without(gone);
            Held = Held.Without(gone);
            Forced = Forced.Except(gone);
        }
    }

    public void Force(NameSet names, bool byClient)
    {
        Forced = Forced.Union(names);
        IsForcedByClient |= byClient && names.Count > 0;
        Dirty |= names.Count > 0;
    }

    /// <summary>The client may not have taken these: they come again, and what is on its way out as the client has it.
    /// </summary>
    public void Repeat(NameSet names)
    {
        _wanted.Revert(names, Held.Find);
        Force(names, byClient: false);
    }

    public void Unforce(NameSet names) => Forced = Forced.Except(names);

    /// <summary>The client has told what it holds from an earlier stream.</summary>
    public void Resume(IEnumerable<KeyValuePair<string, string>> versions)
    {
        var entries = versions.Select(each => KeyValuePair.Create(each.Key, EntryOf(each.Key, each.Value)));
        // On the set that it probably holds nearly all of, only the differences take memory.
        var told = entries.ToDictionary(each => each.Key, each => each.Value, StringComparer.Ordinal);
        var missing = Wanted.Resources.Where(resource => !told.ContainsKey(resource.Name))
            .Select(resource => KeyValuePair.Create(resource.Name, ClientEntry.Absent));
        Held = new ClientContents(Wanted).With(told.Concat(missing));
        Sent = Held;
        HasAccepted = true;
        if (Resources.TypeUrl.IsUpstream(TypeUrl))
            _deferred = NameSet.Of(told.Keys.Where(name => Wanted.Find(name) is null));
    }

    /// <summary>Intends another set for this type.</summary>
    public void Retarget(ResourceSet next, int lingeringMax)
    {
        if (Access is not null)
            next = next.Select(Access);
        var before = Source;
        var changed = _wanted.Retarget(next, lingeringMax, MayUse);
        if (!ReferenceEquals(before, next) && !next.ChangeFrom(before).IsEmpty)
            _isSilent = false;
        Dirty |= changed;
    }

    public void ReleaseLingering()
    {
        _wanted.Release();
        _deferred = NameSet.Empty;
        Dirty = true;
    }

    /// <summary>Lets time pass; a session sees it only in ticks.</summary>
    /// <param name="now">The time.</param>
    /// <param name="max">How long others wait for this type, and what vanished for others.</param>
    /// <param name="mayRelease">Whether what vanished may go though nobody confirmed that it is unused.</param>
    /// <param name="released">Whether it went.</param>
    /// <returns>True when the wait for this type ends at this tick.</returns>
    public bool OnTick(ControlTime now, TimeSpan max, bool mayRelease, out bool released)
    {
        released = mayRelease && _wanted.OnTick(now, max);
        if (mayRelease && _deferred.Count > 0 && _deferredWait.OnTick(now, max))
        {
            _deferred = NameSet.Empty;
            released = true;
        }
        Dirty |= released;
        NoteHeartbeat(now);
        var answerIsLate = IsUnanswered && _answerWait.OnTick(now, max);
        var rejectionIsOld = IsInDoubt && _rejectionWait.OnTick(now, max);
        if (!IsInDoubt)
            _rejectionWait.Reset();
        return answerIsLate || rejectionIsOld;
    }

    /// <summary>
    /// Half of the shortest time to live after the latest response the client is told to keep what it has: a lost
    /// response or a slow one does not let it expire.
    /// </summary>
    private void NoteHeartbeat(ControlTime now)
    {
        if (!UsesTtl || Latest is null || Wanted.TtlMin is not { } ttl)
            return;
        _ttlSince ??= now;
        if (now.Since(_ttlSince.Value) < ttl / 2)
            return;
        _isHeartbeatDue = true;
        Dirty = true;
    }

    public void OnSent(SentResponse response, ClientContents after)
    {
        Invariant.Assert(!IsUnanswered, "one response per type waits for its answer");
        foreach (var name in response.Removed)
        {
            Invariant.Assert(after.Get(name).IsAbsent, "no name is both sent and removed");
        }
        _answerWait.Reset();
        _ttlSince = null;
        Latest = response;
        Sent = after;
        _search?.OnSent();
    }

    /// <summary>The client has accepted the latest response: it holds what that left it with.</summary>
    /// <param name="response">The latest response.</param>
    /// <param name="culprits">Is given what is certain now.</param>
    public void OnAcknowledged(SentResponse response, List<Culprit> culprits)
    {
        response.IsAnswered = true;
        LastRejection = null;
        HasAccepted = true;
        Invariant.Assert(Sent is not null, "what was sent is known when it is acknowledged");
        // What was unsubscribed while the response was on its way has been taken out of it.
        Held = Certain(Sent ?? Held);
        if (_search is null)
            return;
        _search.OnAccepted(culprits);
        Dirty = true;
    }

    public SubscriptionStatus Describe() => new(
        TypeUrl, Wildcard, Names.Names, Held, IsUnanswered ? Latest?.Nonce : null, LastRejection);

    /// <summary>Every name under which the client may have something.</summary>
    private IEnumerable<string> Had() =>
        Held.Versions.Concat(Sent?.Versions ?? []).Select(version => version.Name);

    /// <summary>The name under which a resource is kept, where one is called so.</summary>
    private string Canonical(string name) => Source.FindCalled(name)?.Name ?? name;

    /// <summary>
    /// What the client has for certain: where it may have applied part of what it rejected, what it accepted before.
    /// </summary>
    private ClientContents Certain(ClientContents contents)
    {
        var held = contents.Exceptions.Where(each => each.Value.IsUncertain)
            .Select(each => KeyValuePair.Create(each.Key, Held.Get(each.Key))).ToList();
        return held.Count == 0 ? contents : contents.With(held);
    }

    /// <summary>Whether routes that the client holds may use what it has under a name.</summary>
    private bool MayUse(string name) =>
        Sent?.Get(name) is { IsAbsent: false, IsUncertain: false } || Held.Contains(name);

    private ClientEntry EntryOf(string name, string hash)
    {
        if (Wanted.Find(name) is { } current && string.Equals(current.ContentHash, hash, StringComparison.Ordinal))
            return ClientEntry.Of(current);
        return Recalled.Find(name) is { } earlier && string.Equals(earlier.ContentHash, hash, StringComparison.Ordinal)
            ? ClientEntry.Of(earlier)
            // An empty version is no content of ours: it counts as one that must be replaced.
            : new ClientEntry(null, hash.Length == 0 ? "?" : hash);
    }
}
