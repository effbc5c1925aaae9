using System.Collections.Immutable;

namespace SelfHeal.Core.Topology;

/// <summary>
/// Services and versions from Istio's cluster names alone. The subsets of one host and port are siblings. The cluster
/// without a subset (<c>outbound|80||host</c>) is the whole service, which holds the endpoints of every subset: it
/// belongs to the service and is judged with it, but it is nobody's sibling, because a failing subset fails in it too.
/// </summary>
public static class IstioVersions
{
    /// <summary>What the whole service is called among its versions.</summary>
    public const string Whole = "all";

    /// <summary>The sets that the names give; names that are not Istio's give none.</summary>
    /// <param name="names">Cluster names, or the names under which their stats come.</param>
    public static ImmutableArray<VersionSet> From(IEnumerable<string> names)
    {
        ArgumentNullException.ThrowIfNull(names);
        var sets = ImmutableArray.CreateBuilder<VersionSet>();
        var services = names.Distinct(StringComparer.Ordinal)
            .Order(StringComparer.Ordinal)
            .Select(static text => (Text: text, Name: IstioClusterName.TryParse(text, out var name) ? name : null))
            .Where(static cluster => cluster.Name is { Direction: not IstioDirection.Inbound })
            .GroupBy(static cluster => cluster.Name!.Together); // Only parsed ones are left.
        foreach (var service in services)
        {
            var versions = service.ToLookup(static cluster => cluster.Name!.Version.Length > 0); // As above.
            Add([.. versions[true].Select(static cluster => Share(cluster.Name!.Version, cluster.Text))]); // As above.
            foreach (var whole in versions[false])
                Add([Share(Whole, whole.Text)]);

            void Add(ImmutableArray<VersionShare> shares)
            {
                if (!shares.IsEmpty)
                    sets.Add(new VersionSet(service.Key.Host, VersionSetOrigin.IstioNames, "", shares));
            }
        }

        return sets.ToImmutable();
    }

    /// <summary>Names declare no share of the traffic.</summary>
    private static VersionShare Share(string version, string cluster) => new(version, cluster, 0);
}
