using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using Envoy.Config.Endpoint.V3;
using SelfHeal.Xds.Resources;
using SelfHeal.Xds.Snapshots;

namespace SelfHeal.Xds.Sessions;

/// <summary>What the next response says: worked out from what changed, not from what exists.</summary>
internal sealed partial class Subscription
{
    // Each round takes a suspect away or halves them, so a search ends long before. Should one not, nothing is sent
    // until something else is wanted: a type that waits is better than a server that hangs.
    private const int RoundsMax = 10_000;

    private static readonly IComparer<string> Ordinal = StringComparer.Ordinal;

    private bool _isFullState;
    private NameSet _unexplained = NameSet.Empty;

    /// <summary>Makes the plan of the next response; null if there is nothing to say.</summary>
    /// <param name="isDelta">The variant of the protocol.</param>
    /// <param name="culprits">Is given what is certain now.</param>
    public ResponsePlan? Plan(bool isDelta, List<Culprit> culprits)
    {
        _isFullState = !isDelta && (Resources.TypeUrl.IsFullState(TypeUrl) || IsOpaque);
        if (Latest is null && ResumedVersion is not null)
            KeepRecalled();
        if (_isSilent && !IsForcedByClient)
            return null;
        _isSilent = false;
        for (var round = 0; round < RoundsMax; round++)
        {
            _search?.Revise(suspect => Wanted.Find(suspect.Name)?.HasContentOf(suspect) == true, culprits);
            Isolate(culprits);
            var fallbacks = Fallbacks();
            IsFallenBack = !fallbacks.IsEmpty;
            // What only lingers is on its way out: nobody waits for it.
            _lacksCulprit = fallbacks.Any(each => each.Value.IsAbsent && Source.Find(each.Key) is not null);
            NoteProblems();
            var plan = _isFullState ? PlanFull(fallbacks) : PlanChanges(fallbacks, isDelta);
            if (plan is not null && _rejectedKeys.Count > 0 && !IsForcedByClient
                && _rejectedKeys.ContainsKey(ResponsePlan.KeyOf(TypeUrl, plan.Resources, plan.Removed)))
            {
                if (TakeAsRejected(plan, culprits))
                    continue;
                // All that is left to say is what it rejected: that waits until something else can be said.
                _isSilent = true;
                return null;
            }
            if (plan is null && _search is not null)
            {
                _search.OnNothingSent(culprits);
                Isolate(culprits);
                continue;
            }
            MustAnswer = false;
            // What is kept though it is gone has not been answered: a cluster that waits for it warms until it comes
            // back, or goes for good and is told so.
            Forced = _deferred.Count == 0 && Relayed is null
                ? NameSet.Empty
                : NameSet.Of(Forced.Names.Where(name => IsKeptBack(name) || IsAwaited(name)));
            IsForcedByClient = false;
            return plan ?? PlanHeartbeat();
        }
        _isSilent = true;
        return null;
    }

    /// <summary>
    /// A client that resumes holds what the version says that it does. If that is what was recalled, what is gone from
    /// it is kept until the routes that may use it are replaced: its first answer would delete it.
    /// </summary>
    private void KeepRecalled()
    {
        if (_isFullState && Resources.TypeUrl.IsUpstream(TypeUrl) && Wildcard
            && string.Equals(ResumedVersion, Recalled.Version, StringComparison.Ordinal))
            _wanted.KeepAlso(Recalled);
        ResumedVersion = null;
    }

    /// <summary>
    /// What the client has and is to keep: without its content, except where absence from a response deletes.
    /// </summary>
    private ResponsePlan? PlanHeartbeat()
    {
        if (!_isHeartbeatDue || Sent is null || Latest is null)
            return null;
        _isHeartbeatDue = false;
        ImmutableArray<XdsResource> kept = _isFullState
            ? [.. Sent.Resources]
            : [.. Sent.Resources.Where(resource => resource.Ttl is not null)];
        return kept.Any(resource => resource.Ttl is not null)
            ? new ResponsePlan(kept, [], Sent, null, Latest.Version) { IsHeartbeat = !_isFullState }
            : null;
    }

    /// <summary>Remembers names that the client newly asks for and does not get, to tell it why, once.</summary>
    private void NoteProblems()
    {
        if (!ReportsProblems || Forced.Count == 0)
            return;
        _unexplained = _unexplained.Union(
            _deferred.Count == 0 ? Forced : NameSet.Of(Forced.Names.Where(name => !IsKeptBack(name))));
    }

    private ImmutableArray<ResourceProblem> TakeProblems()
    {
        if (_unexplained.Count == 0)
            return [];
        var problems = ImmutableArray.CreateBuilder<ResourceProblem>();
        foreach (var name in Source.Lacking(_unexplained))
        {
            if (!Names.Contains(name) || XdstpName.IsGlob(name))
                continue;
            problems.Add(Access?.MayRead(TypeUrl, name) == false
                ? new ResourceProblem(name, ResourceProblem.PermissionDenied, "this client may not have it")
                : new ResourceProblem(name, ResourceProblem.NotFound, "there is no such resource"));
        }
        _unexplained = NameSet.Empty;
        return problems.DrainToImmutable();
    }

    /// <summary>The whole set that the client asks for: what is absent is deleted.</summary>
    private ResponsePlan? PlanFull(ImmutableSortedDictionary<string, ClientEntry> fallbacks)
    {
        var after = fallbacks.IsEmpty ? new ClientContents(Wanted) : new ClientContents(Wanted).With(fallbacks);
        if (!MustAnswer && Forced.Count == 0 && Sent is not null && Sent.HasContentOf(after, UsesTtl))
        {
            Sent = after;
            return null;
        }
        if (fallbacks.IsEmpty)
        {
            var version = Wildcard ? Wanted.Version : Source.Version;
            return new ResponsePlan(Wanted.Resources, [], after, Wanted, version) { Problems = TakeProblems() };
        }
        ImmutableArray<XdsResource> resources = [.. after.Resources];
        // A client that accepted nothing may hold what an earlier stream gave it: the empty set would delete that.
        if (resources.IsEmpty && !HasAccepted)
            return null;
        return new ResponsePlan(resources, [], after, null, ResourceSet.VersionOf(TypeUrl, resources))
        {
            Problems = TakeProblems(),
        };
    }

    /// <summary>
    /// What the client asks for and has not been sent. In the state-of-the-world variant absence says nothing, so the
    /// rest need not be repeated; in the incremental one what is gone is told.
    /// </summary>
    private ResponsePlan? PlanChanges(ImmutableSortedDictionary<string, ClientEntry> fallbacks, bool isDelta)
    {
        var sent = Sent ?? Held;
        if (fallbacks.IsEmpty && sent.Set.Resources.IsEmpty && sent.Exceptions.IsEmpty
            && PlanFirst(isDelta) is { } first)
            return first;
        var changes = new Changes(Wanted);
        var forced = ForcedNames();
        foreach (var name in NamesToLookAt(sent, Wanted, forced))
        {
            var has = sent.Get(name);
            var goal = fallbacks.TryGetValue(name, out var fallback) ? fallback : ClientEntry.Of(Wanted.Find(name));
            var isForced = forced.Count > 0 && forced.Contains(name);
            if (goal.IsAbsent && IsAwaited(name))
                changes.Keep(name, has);
            else if (goal.Resource is { } resource)
                changes.Send(resource, goal, isForced || !IsHeld(has, resource));
            else if (!goal.IsAbsent)
                changes.Keep(name, goal);
            else if (isDelta)
                Remove(changes, name, has, isForced);
            else if (isForced && Absent(name) is { } absent)
                changes.Send(absent, ClientEntry.Of(absent), isDue: true);
            else
                changes.Keep(name, Wildcard ? ClientEntry.Absent : has);
        }
        var after = changes.After();
        if (changes.IsEmpty && !MustAnswer)
        {
            Sent = after;
            return null;
        }
        return new ResponsePlan(changes.Due, changes.Gone, after, null, VersionWith(after))
        {
            Problems = TakeProblems(),
            Unresolved = changes.Unresolved,
        };
    }

    /// <summary>The first response of a type: all that there is, in the bytes that all streams share.</summary>
    private ResponsePlan? PlanFirst(bool isDelta)
    {
        var missing = Wanted.Lacking(Forced);
        if (Forced.HasGlobs)
            missing = missing.RemoveAll(IsFilledGlob);
        if (Relayed is not null)
            missing = missing.RemoveAll(IsAwaited);
        if (!missing.IsEmpty && (isDelta ? TypeUrl is Resources.TypeUrl.VirtualHost
            : TypeUrl is Resources.TypeUrl.ClusterLoadAssignment))
            return null;
        var removed = isDelta ? missing : [];
        if (Wanted.Resources.IsEmpty && removed.IsEmpty && !MustAnswer)
            return null;
        return new ResponsePlan(Wanted.Resources, removed, new ClientContents(Wanted), Wanted, Source.Version)
        {
            Problems = TakeProblems(),
        };
    }

    private static List<string> NamesToLookAt(ClientContents sent, ResourceSet wanted, NameSet forced)
    {
        var names = sent.NamesThatMayDiffer(wanted);
        names.AddRange(forced.Names);
        names.Sort(Ordinal);
        var distinct = 0;
        for (var index = 0; index < names.Count; index++)
        {
            if (index == 0 || !string.Equals(names[index], names[distinct - 1], StringComparison.Ordinal))
                names[distinct++] = names[index];
        }
        names.RemoveRange(distinct, names.Count - distinct);
        return names;
    }

    /// <summary>
    /// The names that must be answered: the members of a collection for its name, and a resource's own name for one of
    /// its others.
    /// </summary>
    private NameSet ForcedNames()
    {
        if (!Forced.HasGlobs && !Source.HasAliases)
            return Forced;
        var names = new List<string>();
        foreach (var name in Forced.Names)
        {
            if (IsFilledGlob(name))
            {
                names.AddRange(Wanted.Resources.Select(each => each.Name).Where(each => XdstpName.IsIn(each, name)));
                continue;
            }
            names.Add(Canonical(name));
        }
        return NameSet.Of(names);
    }

    private bool IsHeld(ClientEntry has, XdsResource resource) =>
        UsesTtl ? has.Holds(resource) : has.HoldsContent(resource);

    /// <summary>Whether a name stands for a collection that has members: then they are the answer to it.</summary>
    private bool IsFilledGlob(string name) =>
        XdstpName.IsGlob(name) && Wanted.Resources.Any(resource => XdstpName.IsIn(resource.Name, name));

    private void Remove(Changes changes, string name, ClientEntry has, bool isForced)
    {
        // Envoy refuses to lose a secret or an extension that it still refers to, and a subscription is a reference
        // (envoy#32832, envoy#32823).
        var isKept = TypeUrl is Resources.TypeUrl.Secret or Resources.TypeUrl.ExtensionConfig;
        // Envoy holds a request back until it hears of the virtual host that it asked for on demand, and takes an empty
        // resource for the answer that there is none.
        if (isForced && TypeUrl is Resources.TypeUrl.VirtualHost && has.IsAbsent)
            changes.Resolve(name);
        else if ((isForced || (!has.IsAbsent && !isKept)) && !IsDeferred(name))
            changes.Remove(name);
        else
            changes.Keep(name, has);
    }

    private bool IsDeferred(string name) => _deferred.Count > 0 && _deferred.Contains(name);

    /// <summary>The upstream has not said yet whether there is one of this name.</summary>
    private bool IsAwaited(string name) => Relayed?.IsAwaited(TypeUrl, name) == true;

    private bool IsKeptBack(string name) => IsDeferred(name) && Wanted.Find(name) is null;

    /// <summary>
    /// A cluster whose assignment is unknown would warm for ever: it is told that it has no endpoints. For other types
    /// the state-of-the-world variant cannot say that a name does not exist.
    /// </summary>
    private XdsResource? Absent(string name) => TypeUrl is Resources.TypeUrl.ClusterLoadAssignment && Relayed is null
        ? XdsResource.FromMessage(new ClusterLoadAssignment { ClusterName = name })
        : null;

    /// <summary>The set's version, or one of its own where the client has something else in places.</summary>
    private string VersionWith(ClientContents after)
    {
        if (!IsFallenBack)
            return Source.Version;
        var text = new StringBuilder(Source.Version);
        foreach (var (name, entry) in after.Exceptions)
            text.Append('\0').Append(name).Append('\0').Append(entry.ContentHash);
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text.ToString())))[..16];
    }

    /// <summary>Collects what is sent, removed and kept on top of the set that the client is to have.</summary>
    private sealed class Changes(ResourceSet wanted)
    {
        private readonly ImmutableArray<XdsResource>.Builder _due = ImmutableArray.CreateBuilder<XdsResource>();
        private readonly ImmutableArray<string>.Builder _removed = ImmutableArray.CreateBuilder<string>();
        private readonly ImmutableArray<string>.Builder _unresolved = ImmutableArray.CreateBuilder<string>();
        private List<KeyValuePair<string, ClientEntry>>? _deviations;

        public bool IsEmpty => _due.Count == 0 && _removed.Count == 0 && _unresolved.Count == 0;

        public ImmutableArray<string> Unresolved => _unresolved.DrainToImmutable();

        public ImmutableArray<XdsResource> Due => _due.DrainToImmutable();

        public ImmutableArray<string> Gone => _removed.DrainToImmutable();

        public void Send(XdsResource resource, ClientEntry goal, bool isDue)
        {
            if (isDue)
                _due.Add(resource);
            Keep(resource.Name, goal);
        }

        public void Resolve(string name) => _unresolved.Add(name);

        public void Remove(string name)
        {
            _removed.Add(name);
            Keep(name, ClientEntry.Absent);
        }

        public void Keep(string name, ClientEntry entry)
        {
            if (!ClientEntry.Of(wanted.Find(name)).HasContentOf(entry))
                (_deviations ??= []).Add(KeyValuePair.Create(name, entry));
        }

        public ClientContents After() =>
            _deviations is null ? new ClientContents(wanted) : new ClientContents(wanted).With(_deviations);
    }
}
