using System.Collections.Immutable;
using Envoy.Config.Route.V3;
using SelfHeal.Core.Topology;
using SelfHeal.Xds.Resources;

namespace SelfHeal.Xds.Snapshots;

/// <summary>
/// Reads from the intended configuration which routes split their traffic over versions of a service.
/// </summary>
public static class TopologyReader
{
    /// <summary>The splits of all RDS resources and the names of all clusters.</summary>
    /// <param name="snapshot">The configuration as declared, without overlays.</param>
    public static GatewayTopology Read(ValidatedSnapshot snapshot)
    {
        ArgumentNullException.ThrowIfNull(snapshot);
        var splits = ImmutableArray.CreateBuilder<TrafficSplit>();
        foreach (var resource in snapshot.Get(TypeUrl.RouteConfiguration).Resources)
        {
            if (resource.Decode() is RouteConfiguration configuration)
                ReadConfiguration(configuration, splits);
        }
        var clusters = snapshot.Get(TypeUrl.Cluster).Resources.Select(cluster => cluster.Name).ToImmutableArray();
        return new GatewayTopology(splits.ToImmutable(), clusters);
    }

    /// <summary>The identity of a route within its virtual host: its name, or <c>#</c> and its place.</summary>
    internal static string Identity(Route route, int index) => route.Name.Length > 0 ? route.Name : $"#{index}";

    private static void ReadConfiguration(RouteConfiguration configuration, ImmutableArray<TrafficSplit>.Builder splits)
    {
        foreach (var host in configuration.VirtualHosts.OrderBy(host => host.Name, StringComparer.Ordinal))
        {
            for (var index = 0; index < host.Routes.Count; index++)
            {
                // A cluster taken from a header has no name here and no share that could be told.
                var weighted = host.Routes[index].Route_?.WeightedClusters?.Clusters
                    .Where(cluster => cluster.Name.Length > 0).ToArray() ?? [];
                if (weighted.Select(cluster => cluster.Name).Distinct(StringComparer.Ordinal).Count() < 2)
                    continue;
                var names = VersionNames.Derive([.. weighted.Select(cluster => cluster.Name)], host.Name);
                var versions = weighted.Select((cluster, place) =>
                    new VersionShare(names.Versions[place], cluster.Name, cluster.Weight ?? 0));
                splits.Add(new TrafficSplit(
                    names.Service, configuration.Name, host.Name, Identity(host.Routes[index], index), [.. versions]));
            }
        }
    }
}
