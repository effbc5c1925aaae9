using System.Collections.Immutable;
using SelfHeal.Sidecar.Admin;
using SelfHeal.Sidecar.Xds;
using SelfHeal.Xds.Accepted;
using SelfHeal.Xds.Resources;

namespace SelfHeal.Sidecar.Accepted;

/// <summary>What the admin API says of groups of nodes.</summary>
/// <param name="configuration">What is served.</param>
/// <param name="verified">What could be gone back to.</param>
/// <param name="store">What is kept.</param>
internal sealed class GroupBoard(ConfigurationService configuration, VerifiedService verified, AcceptedStore store)
{
    /// <summary>Every group, the default one first.</summary>
    public ImmutableArray<GroupStatus> Groups => [.. configuration.Groups.Select(Describe)];

    private GroupStatus Describe(GroupView group)
    {
        var known = verified.Verified(group.Name);
        var source = group.Slot.Snapshot is null ? GroupSource.None
            : group.IsFromDisk ? GroupSource.Disk
            : GroupSource.Directory;
        return new GroupStatus(
            group.Name,
            group.Slot.Count,
            source,
            SnapshotVersion.Of(group.Slot.Snapshot),
            SnapshotVersion.Of(group.Slot.Accepted.LastAccepted()),
            verified.PhaseOf(group.Name),
            SnapshotVersion.Of(known?.Snapshot),
            known?.Since,
            store.GenerationsOf(group.Name),
            [.. configuration.Quarantine.Of(group.Name).Select(static entry => new QuarantineStatus(
                TypeUrl.FullName(entry.TypeUrl),
                entry.Name,
                entry.ContentHash,
                entry.Node,
                entry.At,
                entry.Message))],
            group.Problems);
    }
}
