using System.Collections.Immutable;
using SelfHeal.Xds.Resources;
using SelfHeal.Xds.Snapshots;

namespace SelfHeal.Xds.Sessions;

/// <summary>What follows from a NACK: the content accepted last returns, and the culprit is sought.</summary>
internal sealed partial class Subscription
{
    private static readonly ImmutableSortedDictionary<string, ClientEntry> Nothing =
        ImmutableSortedDictionary.Create<string, ClientEntry>(StringComparer.Ordinal);

    private readonly int _rejectedKeysMax;

    // What was said of each rejected response, by what it carried.
    private readonly Dictionary<string, string> _rejectedKeys = new(StringComparer.Ordinal);
    private readonly Queue<string> _rejectedKeysOldestFirst = new();
    private CulpritSearch? _search;
    private bool _isSilent;
    private bool _lacksCulprit;

    /// <summary>What this node or its group accepted last, as the shell recalls it; empty if it does not.</summary>
    public ResourceSet Recalled
    {
        get;
        set => field = Access is null ? value : value.Select(Access);
    } = Snapshot.EmptySet(string.Empty);

    /// <summary>Whether the client is to have something older in place of what it rejected.</summary>
    public bool IsFallenBack { get; private set; }

    /// <summary>
    /// The client has rejected the latest response: it keeps what it held, and this never comes again.
    /// </summary>
    /// <param name="response">The latest response.</param>
    /// <param name="rejection">What the client said, cut at a limit.</param>
    /// <param name="culprits">Is given what is certain now.</param>
    public void OnRejected(SentResponse response, SessionEvent.Rejected rejection, List<Culprit> culprits)
    {
        if (!IsInDoubt)
            _rejectionWait.Reset();
        response.IsAnswered = true;
        response.IsRejected = true;
        LastRejection = rejection;
        // A relay has no better content than the upstream's, and looks for no culprit in it.
        if (Relayed is not null)
            return;
        RememberRejected(response, rejection.Message);
        var suspects = Suspects(response.Resources);
        // The client may have applied any part of it.
        Sent = _isFullState
            ? null
            : Sent?.With(response.Resources.Select(resource => resource.Name).Concat(response.Removed)
                .Where(Wants)
                .Select(name => KeyValuePair.Create(name, ClientEntry.Uncertain)));
        _wanted.Keep(Held.Contains);
        Dirty = true;
        if (suspects.Count == 0)
        {
            // It rejects even what it accepted before: nothing that we have helps until there is something else.
            _isSilent = true;
            return;
        }
        _search ??= new CulpritSearch();
        _search.OnRejected(suspects, rejection.Message, culprits);
    }

    /// <summary>These contents are never sent again on this stream.</summary>
    public void Isolate(IEnumerable<Culprit> culprits)
    {
        foreach (var culprit in culprits)
            Quarantine.Add(culprit.Resource.Name, culprit.Resource.ContentHash);
        if (_search is { IsOver: true })
            _search = null;
    }

    /// <summary>
    /// What the next response would say was rejected before, and is not sent again: that is as good as another
    /// rejection of it, so the search for the culprit goes on from there.
    /// </summary>
    /// <param name="plan">The next response.</param>
    /// <param name="culprits">Is given what is certain now.</param>
    /// <returns>False if it carries nothing that can be in doubt.</returns>
    private bool TakeAsRejected(ResponsePlan plan, List<Culprit> culprits)
    {
        // Only what is wanted can be held back: what stands in for it has nothing behind it.
        var suspects = Suspects(plan.Resources)
            .FindAll(suspect => Wanted.Find(suspect.Name)?.HasContentOf(suspect) == true);
        if (suspects.Count == 0)
            return false;
        var message = _rejectedKeys[ResponsePlan.KeyOf(TypeUrl, plan.Resources, plan.Removed)];
        _search ??= new CulpritSearch();
        _search.OnRejected(suspects, message, culprits);
        Isolate(culprits);
        return true;
    }

    /// <summary>
    /// What a response carries and the client never accepted; what was recalled is the last to doubt.
    /// </summary>
    private List<XdsResource> Suspects(ImmutableArray<XdsResource> carried)
    {
        var fresh = carried
            .Where(resource => Wants(resource.Name) && !Held.Get(resource.Name).Holds(resource)).ToList();
        var unknown = fresh.FindAll(resource => Recalled.Find(resource.Name)?.HasContentOf(resource) != true);
        return unknown.Count > 0 ? unknown : fresh;
    }

    private void RememberRejected(SentResponse response, string message)
    {
        // Removals alone may be said again once there was something else: the client still has what should go.
        if (response.Resources.IsEmpty)
            return;
        var key = ResponsePlan.KeyOf(TypeUrl, response.Resources, response.Removed);
        if (!_rejectedKeys.TryAdd(key, message))
            return;
        _rejectedKeysOldestFirst.Enqueue(key);
        if (_rejectedKeysOldestFirst.Count > _rejectedKeysMax)
            _rejectedKeys.Remove(_rejectedKeysOldestFirst.Dequeue());
    }

    /// <summary>What the client is to have instead of what it rejected, or may have rejected.</summary>
    private ImmutableSortedDictionary<string, ClientEntry> Fallbacks()
    {
        if (_search is null && Quarantine.Contents.Count == 0)
            return Nothing;
        var heldBack = _search?.HeldBack.ToDictionary(resource => resource.Name, StringComparer.Ordinal) ?? [];
        var fallbacks = Nothing.ToBuilder();
        foreach (var (name, suspect) in heldBack)
        {
            if (Wanted.Find(name)?.HasContentOf(suspect) == true)
                fallbacks[name] = Accepted(name, heldBack);
        }
        foreach (var (name, hash) in Quarantine.Contents)
        {
            if (string.Equals(Wanted.Find(name)?.ContentHash, hash, StringComparison.Ordinal))
                fallbacks[name] = Accepted(name, heldBack);
        }
        return fallbacks.ToImmutable();
    }

    /// <summary>
    /// What the client accepted last under a name, or, before it accepted anything, what its node did.
    /// </summary>
    private ClientEntry Accepted(string name, Dictionary<string, XdsResource> heldBack)
    {
        var held = Held.Get(name);
        if (!held.IsAbsent)
            return held;
        var mayRecall = !HasAccepted || !_isFullState;
        if (!mayRecall || Recalled.Find(name) is not { } recalled || Quarantine.Holds(recalled)
            || (heldBack.TryGetValue(name, out var suspect) && suspect.HasContentOf(recalled)))
            return ClientEntry.Absent;
        return ClientEntry.Of(recalled);
    }
}
