using SelfHeal.Core.Time;
using SelfHeal.Xds.Resources;
using SelfHeal.Xds.Snapshots;

namespace SelfHeal.Xds.Sessions;

/// <summary>
/// What one subscription is to have: the part of the intended set that it asks for, and with it clusters and
/// assignments that are gone but may still be in use by the routes that the client holds (make before break, second
/// phase). Streams that ask for the same share the sets; following a change costs what changed.
/// </summary>
/// <param name="typeUrl">The type.</param>
internal sealed class WantedSet(string typeUrl)
{
    private readonly List<Lingering> _lingering = [];
    private NameSet _names = NameSet.Empty;
    private bool _wildcard;
    private ResourceSet _selected = Snapshot.EmptySet(typeUrl);

    /// <summary>All that is intended for the type.</summary>
    public ResourceSet Source { get; private set; } = Snapshot.EmptySet(typeUrl);

    /// <summary>What the client is to have.</summary>
    public ResourceSet Set { get; private set; } = Snapshot.EmptySet(typeUrl);

    public bool HasLingering => _lingering.Count > 0;

    public int LingeringCount => _lingering.Sum(each => each.Resources.Length);

    /// <summary>Changes what is asked for.</summary>
    public void Ask(NameSet names, bool wildcard)
    {
        if (ReferenceEquals(names, _names) && wildcard == _wildcard)
            return;
        _names = names;
        _wildcard = wildcard;
        _selected = wildcard ? Source : Source.Select(names);
        foreach (var each in _lingering)
            each.Resources = each.Resources.RemoveAll(resource => !Wants(resource.Name));
        Merge();
    }

    /// <summary>Intends another set.</summary>
    /// <param name="next">The set.</param>
    /// <param name="lingeringMax">How many more may be kept of what vanishes; the rest goes at once.</param>
    /// <param name="wasSent">Whether the client may have something under a name.</param>
    /// <returns>True if the client is to have something else.</returns>
    public bool Retarget(ResourceSet next, int lingeringMax, Func<string, bool> wasSent)
    {
        var before = Set;
        var selectedBefore = _selected;
        _selected = Follow(next);
        Source = next;
        if (!HasLingering && (ReferenceEquals(_selected, selectedBefore) || !TypeUrl.IsUpstream(typeUrl)))
        {
            Set = _selected;
            return !ReferenceEquals(Set, before);
        }
        var change = _selected.ChangeFrom(before);
        foreach (var each in _lingering)
            each.Resources = each.Resources.RemoveAll(resource => _selected.Find(resource.Name) is not null);
        var kept = HasLingering
            ? change.RemovedResources.RemoveAll(resource => IsLingering(resource.Name) || !wasSent(resource.Name))
            : change.RemovedResources.RemoveAll(resource => !wasSent(resource.Name));
        if (kept.Length > lingeringMax)
            kept = kept[..Math.Max(0, lingeringMax)];
        if (!kept.IsEmpty)
            _lingering.Add(new Lingering(kept));
        _lingering.RemoveAll(each => each.Resources.IsEmpty);
        // Where all that went is kept, other streams keep the same.
        if (LingeringCount == change.RemovedResources.Length && HasLingering)
            Set = change.WithRemoved;
        else
            Merge();
        return !ReferenceEquals(Set, before);
    }

    /// <summary>Keeps what an earlier stream gave the client and that is gone.</summary>
    public void KeepAlso(ResourceSet earlier)
    {
        var gone = Set.ChangeFrom(earlier).RemovedResources;
        if (gone.IsEmpty)
            return;
        _lingering.Add(new Lingering(gone));
        Merge();
    }

    /// <summary>Lets go of everything that is kept.</summary>
    public void Release()
    {
        _lingering.Clear();
        Set = _selected;
    }

    /// <summary>Lets go of what is kept and that the client does not have after all.</summary>
    public void Keep(Func<string, bool> isHeld)
    {
        if (!HasLingering)
            return;
        foreach (var each in _lingering)
            each.Resources = each.Resources.RemoveAll(resource => !isHeld(resource.Name));
        Merge();
    }

    /// <summary>Keeps some of what vanished as the client has it, and nothing where it has nothing.</summary>
    public void Revert(NameSet names, Func<string, XdsResource?> held)
    {
        if (!HasLingering)
            return;
        foreach (var each in _lingering)
        {
            each.Resources =
            [
                .. each.Resources.Select(resource => names.Contains(resource.Name) ? held(resource.Name) : resource)
                    .OfType<XdsResource>(),
            ];
        }
        Merge();
    }

    /// <summary>Lets go of what was kept long enough.</summary>
    /// <returns>True if anything went.</returns>
    public bool OnTick(ControlTime now, TimeSpan max)
    {
        foreach (var each in _lingering)
            each.FirstSeen ??= now;
        if (_lingering.RemoveAll(each => each.FirstSeen is { } since && now.Since(since) >= max) == 0)
            return false;
        Merge();
        return true;
    }

    private bool Wants(string name) => _wildcard || _names.Contains(name);

    private bool IsLingering(string name) => _lingering.Exists(
        each => each.Resources.Any(resource => string.Equals(resource.Name, name, StringComparison.Ordinal)));

    /// <summary>The part of another set that is asked for, from the present part and what changed.</summary>
    private ResourceSet Follow(ResourceSet next)
    {
        if (_wildcard)
            return next;
        if (_names.Count == 0)
            return Snapshot.EmptySet(typeUrl);
        var change = next.ChangeFrom(Source);
        var hadAll = ReferenceEquals(_selected, Source);
        var isTouched = false;
        var takesAll = hadAll;
        foreach (var resource in change.Changed)
        {
            var wants = _names.Selects(resource);
            isTouched |= wants;
            takesAll &= wants;
        }
        if (takesAll)
            return next;
        foreach (var resource in change.RemovedResources)
            isTouched |= _names.Selects(resource);
        return isTouched || hadAll ? next.Select(_names) : _selected;
    }

    private void Merge()
    {
        _lingering.RemoveAll(each => each.Resources.IsEmpty);
        Set = HasLingering
            ? _selected.With([.. _lingering
                .SelectMany(each => each.Resources).OrderBy(resource => resource.Name, StringComparer.Ordinal)])
            : _selected;
    }
}
