using System.Collections.Immutable;
using SelfHeal.Core.Control;
using SelfHeal.Core.Remediation;
using SelfHeal.Xds.Accepted;
using SelfHeal.Xds.Groups;
using SelfHeal.Xds.Resources;
using SelfHeal.Xds.Snapshots;

namespace SelfHeal.Sidecar.Xds;

/// <content>From sources, overlays and quarantine to what each group is served.</content>
internal sealed partial class ConfigurationService
{
    private void Lay(WeightOverlay overlay)
    {
        _overlays[overlay.Id] = overlay;
        Refresh(_ordered, isSourceNew: false);
    }

    private void Withdraw(string overlayId)
    {
        if (_overlays.Remove(overlayId))
            Refresh(_ordered, isSourceNew: false);
    }

    /// <summary>
    /// A content that a proxy rejects is not served to its group any more, unless others of the group accept it: then
    /// the one proxy alone keeps what it had.
    /// </summary>
    private void Isolate(RejectedContent rejected)
    {
        // What is no longer meant to be served was mended in the meantime.
        if (_groups.GetValueOrDefault(rejected.Group) is not { Target: { } target, Source: { } source } group
            || target.Get(rejected.TypeUrl).Find(rejected.Name)?.ContentHash != rejected.ContentHash)
            return;
        var declared = source.Get(rejected.TypeUrl).Find(rejected.Name)?.ContentHash ?? "";
        var entry = new QuarantinedContent(
            group.Name,
            rejected.TypeUrl,
            rejected.Name,
            rejected.ContentHash,
            declared,
            rejected.Node,
            rejected.Message,
            _time.GetUtcNow());
        var accepted = group.Slot.Accepted.LastAccepted();
        if (accepted?.Get(rejected.TypeUrl).Find(rejected.Name)?.ContentHash == rejected.ContentHash)
        {
            if (!group.Disputes.ContainsKey(entry.ToString()))
                LogDisputed(_logger, Prefix(group), entry.ToString(), rejected.Node, rejected.Message);
            group.Dispute(entry.ToString(), $"{entry} is rejected by {rejected.Node} and accepted by others: it keeps "
                + $"what it had; {rejected.Message}");
            return;
        }

        var before = _quarantine;
        _quarantine = before.Add(entry);
        if (ReferenceEquals(before, _quarantine))
            return;
        _keeper.Keep(_quarantine);
        LogQuarantined(_logger, Prefix(group), entry.ToString(), rejected.Node, rejected.Message);
        Refresh([group], isSourceNew: false);
    }

    /// <summary>What the source no longer declares is no longer in quarantine.</summary>
    private void Forgive(GroupConfiguration group)
    {
        var before = _quarantine;
        if (group.Source is not { } source)
            return;
        _quarantine = before.Expire(group.Name, source);
        if (!ReferenceEquals(before, _quarantine))
            _keeper.Keep(_quarantine);
    }

    /// <summary>
    /// Serves groups anew. Overlays are laid where the route that they change is the one that the judgement knows: of
    /// several groups' routes of one name the first group's, and whichever are identical to it.
    /// </summary>
    private void Refresh(IReadOnlyCollection<GroupConfiguration> changed, bool isSourceNew)
    {
        if (changed.Count == 0)
            return;
        var sources = _ordered.Where(static group => group.Source is not null)
            .Select(static group => (group.Name, group.Source!)).ToList(); // The line above.
        if (sources.Count == 0)
            return;
        if (isSourceNew || _union is null || _served is null)
        {
            var conflictsBefore = _union?.Conflicts ?? [];
            _union = GroupUnion.Of(sources);
            // The judgement hears of the source's change before it hears what that did to overlays.
            var topology = TopologyReader.Read(_union.Snapshot);
            _inbox.Post(new ControlEvent.TopologyChanged(topology));
            foreach (var (typeUrl, name, group) in _union.Conflicts.Except(conflictsBefore))
                LogConflict(_logger, TypeUrl.FullName(typeUrl), name, group);
            Serve(_overlays.Count > 0 ? _ordered : changed, _union, topology);
        }
        else
            Serve(changed, _union, _served.Topology);
    }

    private void Serve(
        IReadOnlyCollection<GroupConfiguration> changed, GroupUnion union, Core.Topology.GatewayTopology topology)
    {
        var refused = new SortedDictionary<string, string>(StringComparer.Ordinal);
        var laidIn = new SortedDictionary<string, WeightOverlay>(StringComparer.Ordinal);
        Dictionary<string, ValidatedSnapshot> before = [];
        foreach (var group in changed)
        {
            if (group.Source is not { } source)
                continue;
            var (target, laid) = Build(group, source, union, refused);
            foreach (var overlay in laid)
                laidIn[overlay.Id] = overlay;
            group.Target = target;
            group.Served = Contain(group, target);
        }

        // What fits nowhere is refused; what fits somewhere is in force there.
        foreach (var overlay in laidIn.Keys)
            refused.Remove(overlay);
        var next = Describe(union, topology, laidIn.Values);
        _served = next;

        // Before any proxy can have it: an answer must find what it answers.
        _registry.OnServed(next);
        foreach (var group in changed)
        {
            if (group is not { Served.Snapshot: { } snapshot, Target: { } target, Source: { } source })
                continue;
            group.Slot.Accepted.Serve(snapshot, target, source);
            if (!ReferenceEquals(snapshot, group.Slot.Snapshot))
                _hub.Publish(group.Slot, snapshot);
        }

        foreach (var (id, reason) in refused)
        {
            LogOverlayRefused(_logger, id, reason);
            _inbox.Post(new ControlEvent.OverlayRefused(id, reason));
        }
    }

    private ServedConfiguration Describe(
        GroupUnion union, Core.Topology.GatewayTopology topology, IEnumerable<WeightOverlay> laid)
    {
        var served = _ordered.Where(static group => group.Served is not null)
            .Select(static group => (group.Name, group.Served!.Snapshot)).ToList(); // The line above.
        var byRoute = laid.GroupBy(static o => o.RouteConfiguration, StringComparer.Ordinal)
            .ToImmutableSortedDictionary(
                static g => g.Key,
                static g => g.Select(static o => o.Id).ToImmutableArray(),
                StringComparer.Ordinal);
        return new ServedConfiguration(GroupUnion.Of(served).Snapshot, union.Snapshot, topology, byRoute)
        {
            Groups = _nodeGroups.Groups.IsEmpty
                ? ImmutableDictionary.Create<string, ValidatedSnapshot>(StringComparer.Ordinal)
                : _ordered.Where(static group => group.Source is not null).ToImmutableDictionary(
                    static group => group.Name, static group => group.Source!, StringComparer.Ordinal), // Same.
        };
    }

    private ContainmentResult Contain(GroupConfiguration group, ValidatedSnapshot target)
    {
        var rejected = _quarantine.Of(group.Name)
            .Select(static entry => new ContentKey(entry.TypeUrl, entry.Name, entry.ContentHash))
            .ToHashSet();
        if (rejected.Count == 0)
            return new ContainmentResult(target, [], IsWhole: false);
        return Containment.Contain(target, group.Slot.Accepted.LastAccepted(), rejected, _validator);
    }

    /// <summary>Lays every overlay that fits; one that does not is left out, and the others stay.</summary>
    private (ValidatedSnapshot Target, List<WeightOverlay> Laid) Build(
        GroupConfiguration group,
        ValidatedSnapshot source,
        GroupUnion union,
        SortedDictionary<string, string> refused)
    {
        var laid = new List<WeightOverlay>();
        var target = source;
        foreach (var overlay in _overlays.Values)
        {
            var known = union.Snapshot.Get(TypeUrl.RouteConfiguration).Find(overlay.RouteConfiguration);
            var own = source.Get(TypeUrl.RouteConfiguration).Find(overlay.RouteConfiguration);
            if (known is not null && own?.ContentHash != known.ContentHash)
                continue; // Another route of the same name, or none: not the one that the judgement means.
            var (next, reason) = TryBuild(source, [.. laid, overlay]);
            if (next is null)
            {
                refused[overlay.Id] = Prefix(group) + reason;
                continue;
            }

            target = next;
            laid.Add(overlay);
        }

        return (target, laid);
    }

    private (ValidatedSnapshot? Snapshot, string Reason) TryBuild(
        ValidatedSnapshot source, List<WeightOverlay> overlays)
    {
        try
        {
            var build = _builder.Build(source, overlays);
            var reasons = build.OverlayErrors.Select(static e => e.Message)
                .Concat(build.Errors.Select(static e => e.ToString()));
            return (build.OverlayErrors.IsEmpty ? build.Snapshot : null, string.Join("; ", reasons));
        }
        catch (Exception error)
        {
            // A defect of ours in one overlay. It must end neither hot reload nor the other overlays, and the judgement
            // must hear of it: what it believes to be pushed is not.
            return (null, $"it cannot be laid: {error.Message}");
        }
    }
}
