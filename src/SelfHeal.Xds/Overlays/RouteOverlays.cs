using Envoy.Config.Route.V3;
using SelfHeal.Core.Remediation;
using SelfHeal.Xds.Snapshots;

namespace SelfHeal.Xds.Overlays;

/// <summary>Weights of a route's weighted clusters.</summary>
internal static class RouteOverlays
{
    public static void SetWeights(
        RouteConfiguration configuration, Overlay.WeightedClusters overlay, OverlayPatch patch)
    {
        if (FindHost(configuration, overlay.VirtualHost, patch) is not { } host
            || FindRoute(host, overlay.Route, patch) is not { } route)
            return;
        if (route.Route_?.WeightedClusters?.Clusters is not { Count: > 0 } clusters)
        {
            patch.Refuse($"route '{overlay.Route}' has no weighted clusters{Instead(route)}");
            return;
        }

        if (overlay.Weights.IsDefaultOrEmpty)
        {
            patch.Refuse("the overlay names no cluster; expected at least one and its weight");
            return;
        }

        patch.Note(OverlayBasis.OfSplit(clusters.Select(static cluster => (cluster.Name, cluster.Weight ?? 0))));
        var places = new List<(int Place, uint Weight)>();
        foreach (var (cluster, weight) in overlay.Weights)
        {
            // A cluster may stand twice in a split; the overlay then names it as often, in the same order.
            var place = FindUnused(clusters, cluster, places);
            if (place >= 0)
                places.Add((place, weight));
            else
            {
                patch.Refuse($"route '{overlay.Route}' has no cluster '{cluster}'"
                    + $"; {OverlayPatch.Expected(clusters.Select(static c => c.Name))}");
            }
        }

        var weights = clusters.Select(static cluster => cluster.Weight ?? 0).ToArray();
        foreach (var (place, weight) in places)
            weights[place] = weight;
        var total = weights.Aggregate(0m, static (sum, weight) => sum + weight);
        if (total is 0 or > uint.MaxValue)
            patch.Refuse($"the sum of the weights would be {total}, outside of [1, {uint.MaxValue}]");
        foreach (var (place, weight) in places)
            patch.Set(clusters[place].Weight, weight, value => clusters[place].Weight = value);
    }

    /// <summary>The virtual host of this name; null, and refused, if there is none.</summary>
    public static VirtualHost? FindHost(RouteConfiguration configuration, string name, OverlayPatch patch)
    {
        var host = configuration.VirtualHosts.FirstOrDefault(
            host => string.Equals(host.Name, name, StringComparison.Ordinal));
        if (host is not null)
            return host;
        var names = OverlayPatch.Expected(configuration.VirtualHosts.Select(static host => host.Name));
        var elsewhere = configuration.Vhds is null ? "" : ", and those that come by VHDS carry no overlays";
        patch.Refuse($"there is no virtual host '{name}'; {names}{elsewhere}");
        return null;
    }

    /// <summary>The route of this identity; null, and refused, if there is none.</summary>
    public static Route? FindRoute(VirtualHost host, string identity, OverlayPatch patch)
    {
        for (var index = 0; index < host.Routes.Count; index++)
        {
            if (string.Equals(TopologyReader.Identity(host.Routes[index], index), identity, StringComparison.Ordinal))
                return host.Routes[index];
        }

        var elsewhere = host.Matcher is null ? "" : ", and those in the virtual host's matcher carry no overlays";
        patch.Refuse($"there is no route '{identity}' in virtual host '{host.Name}'; "
            + OverlayPatch.Expected(host.Routes.Select(TopologyReader.Identity)) + elsewhere);
        return null;
    }

    /// <summary>Where else a route gets its clusters from, such as a plugin of a private type.</summary>
    private static string Instead(Route route) => route.ActionCase switch
    {
        Route.ActionOneofCase.Route_ => $"; its traffic goes by {route.Route_.ClusterSpecifierCase switch
        {
            RouteAction.ClusterSpecifierOneofCase.ClusterSpecifierPlugin =>
                $"the plugin '{route.Route_.ClusterSpecifierPlugin}', which an overlay does not know",
            RouteAction.ClusterSpecifierOneofCase.InlineClusterSpecifierPlugin =>
                $"the plugin '{route.Route_.InlineClusterSpecifierPlugin.Extension?.TypedConfig?.TypeUrl}', which an "
                    + "overlay does not know",
            var other => other.ToString(),
        }}, expected weighted_clusters",
        var action => $"; its action is {action}, expected weighted_clusters",
    };

    private static int FindUnused(
        IReadOnlyList<WeightedCluster.Types.ClusterWeight> clusters, string name, List<(int Place, uint Weight)> used)
    {
        for (var place = 0; place < clusters.Count; place++)
        {
            if (string.Equals(clusters[place].Name, name, StringComparison.Ordinal)
                && !used.Exists(earlier => earlier.Place == place))
                return place;
        }

        return -1;
    }
}
