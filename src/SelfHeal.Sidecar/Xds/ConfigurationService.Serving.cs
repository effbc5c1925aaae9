using System.Collections.Immutable;
using SelfHeal.Core.Control;
using SelfHeal.Core.Topology;
using SelfHeal.Xds.Accepted;
using SelfHeal.Xds.Groups;
using SelfHeal.Xds.Resources;
using SelfHeal.Xds.Snapshots;

namespace SelfHeal.Sidecar.Xds;

/// <content>From sources, overlays and quarantine to what each group is served.</content>
internal sealed partial class ConfigurationService
{
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

        // What overlays made of a resource is theirs to take back: the source's own is served again.
        if (declared != rejected.ContentHash)
            _overlays.TryReject(rejected.TypeUrl, rejected.Name, rejected.Node, rejected.Message);
        Refresh(isSourceNew: false);
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
    /// Serves anew whatever has changed. Overlays are laid on every group that has what they change and where they fit;
    /// the judgement counts the proxies of those groups whose route is the one that it knows, which of several groups'
    /// is the first one's.
    /// </summary>
    private void Refresh(bool isSourceNew)
    {
        var groups = _ordered.Where(static group => group.Source is not null).ToList();
        if (groups.Count == 0)
            return;
        var topology = _served?.Topology;
        if (isSourceNew || _union is null || topology is null)
        {
            var conflictsBefore = _union?.Conflicts ?? [];
            _union = GroupUnion.Of([.. groups.Select(static group => (group.Name, group.Source!))]); // Chosen above.
            topology = TopologyReader.Read(_union.Snapshot);
            // The judgement hears of the source's change before it hears what that did to overlays.
            _inbox.Post(new ControlEvent.TopologyChanged(topology));
            foreach (var (typeUrl, name, group) in _union.Conflicts.Except(conflictsBefore))
                LogConflict(_logger, TypeUrl.FullName(typeUrl), name, group);
        }

        Serve(groups, _union, topology);
    }

    private void Serve(List<GroupConfiguration> groups, GroupUnion union, GatewayTopology topology)
    {
        var builds = _overlays.LayOn([.. groups.Select(static group => group.Source!)]); // Every caller has checked.
        for (var index = 0; index < groups.Count; index++)
        {
            var group = groups[index];
            group.Target = Unchanged(builds[index].Snapshot, group.Target);
            var contained = Contain(group, group.Target);
            group.Served = contained with { Snapshot = Unchanged(contained.Snapshot, group.Served?.Snapshot) };
        }

        var next = Describe(groups, union, topology, builds);
        _served = next;

        // Before any proxy can have it: an answer must find what it answers.
        _registry.OnServed(next);
        foreach (var group in groups)
            group.Publish();
        _board.Tell(next.Snapshot);
        foreach (var (overlay, _, problem) in _overlays.RefusedOfTheLoop)
        {
            LogOverlayRefused(_logger, overlay.Id, problem);
            _inbox.Post(new ControlEvent.OverlayRefused(overlay.Id, problem));
        }
    }

    /// <summary>The very object from before if it has the same content, so that nothing is served anew.</summary>
    private static ValidatedSnapshot Unchanged(ValidatedSnapshot next, ValidatedSnapshot? before)
    {
        if (before is null || ReferenceEquals(next, before))
            return next;
        var reused = next.Reuse(before);
        var isSame = reused.Sets.Count == before.Sets.Count
            && reused.Sets.All(set => ReferenceEquals(set.Value, before.Get(set.Key)));
        return isSame ? before : reused;
    }

    private ServedConfiguration Describe(
        List<GroupConfiguration> groups,
        GroupUnion union,
        GatewayTopology topology,
        ImmutableArray<SnapshotBuild> builds)
    {
        var served = groups.Select(static group => (group.Name, group.Served!.Snapshot)).ToList(); // Set above.
        return new ServedConfiguration(
            GroupUnion.Of(served).Snapshot, union.Snapshot, topology, ServedConfiguration.ByRoute(builds))
        {
            Groups = _nodeGroups.Groups.IsEmpty
                ? ImmutableDictionary.Create<string, ValidatedSnapshot>(StringComparer.Ordinal)
                : groups.ToImmutableDictionary(
                    static group => group.Name, static group => group.Source!, StringComparer.Ordinal), // Chosen so.
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
}
