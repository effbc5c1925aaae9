using System.Collections.Immutable;
using SelfHeal.Xds.Resources;
using SelfHeal.Xds.Snapshots;

namespace SelfHeal.Xds.Groups;

/// <summary>
/// All that is served to anybody, as one snapshot for the judgement: it sees one gateway. Of several contents under one
/// name the first group's counts.
/// </summary>
/// <param name="Snapshot">The union; the one group's own snapshot where there is only one.</param>
/// <param name="Conflicts">
/// Clusters and routes of which a later group has another content: type, name and group; the first ones only.
/// </param>
public sealed record GroupUnion(
    ValidatedSnapshot Snapshot, ImmutableArray<(string TypeUrl, string Name, string Group)> Conflicts)
{
    // More than anybody reads in one line.
    private const int ConflictsMax = 5;

    /// <summary>The union of what groups are served.</summary>
    /// <param name="groups">The first one first.</param>
    public static GroupUnion Of(IReadOnlyList<(string Group, ValidatedSnapshot Snapshot)> groups)
    {
        ArgumentNullException.ThrowIfNull(groups);
        if (groups.Count == 1)
            return new GroupUnion(groups[0].Snapshot, []);
        var all = new Dictionary<(string TypeUrl, string Name), XdsResource>();
        var conflicts = ImmutableArray.CreateBuilder<(string, string, string)>();
        foreach (var (group, snapshot) in groups)
        {
            foreach (var resource in snapshot.Sets.Values.SelectMany(static set => set.Resources))
            {
                if (all.TryAdd((resource.TypeUrl, resource.Name), resource)
                    || resource.TypeUrl is not (TypeUrl.Cluster or TypeUrl.RouteConfiguration)
                    || conflicts.Count == ConflictsMax
                    || all[(resource.TypeUrl, resource.Name)].ContentHash == resource.ContentHash)
                    continue;
                conflicts.Add((resource.TypeUrl, resource.Name, group));
            }
        }

        // Each group's references are closed, and every name of every group is in the union.
        return new GroupUnion(new ValidatedSnapshot(Snapshots.Snapshot.Create(all.Values)), conflicts.ToImmutable());
    }
}
