using System.Collections.Immutable;
using Envoy.Config.Route.V3;
using SelfHeal.Core.Remediation;
using SelfHeal.Xds.Resources;
using SelfHeal.Xds.Snapshots;

namespace SelfHeal.Xds.Overlays;

/// <summary>
/// Lays weight overlays over an RDS resource: decode, set the weights, encode; nothing else changes and unknown fields
/// survive. A pure function.
/// </summary>
public static class WeightOverlayTranslator
{
    /// <summary>Applies those overlays that select the resource, in the ordinal order of their ids.</summary>
    /// <param name="route">An RDS resource.</param>
    /// <param name="overlays">Any overlays; those for other resources are passed over.</param>
    public static OverlayResult Apply(XdsResource route, IReadOnlyList<WeightOverlay> overlays)
    {
        ArgumentNullException.ThrowIfNull(route);
        ArgumentNullException.ThrowIfNull(overlays);
        var selecting = overlays
            .Where(overlay => route.TypeUrl is TypeUrl.RouteConfiguration
                && string.Equals(overlay.RouteConfiguration, route.Name, StringComparison.Ordinal))
            .OrderBy(overlay => overlay.Id, StringComparer.Ordinal)
            .ToArray();
        if (selecting.Length == 0)
            return new OverlayResult(route, []);

        var errors = ImmutableArray.CreateBuilder<OverlayError>();
        if (route.Decode() is not RouteConfiguration configuration)
        {
            errors.AddRange(selecting.Select(overlay => Error(overlay, "the resource does not decode")));
            return new OverlayResult(route, errors.ToImmutable());
        }
        var changed = false;
        foreach (var overlay in selecting)
        {
            if (Lay(configuration, overlay, ref changed) is { } problem)
                errors.Add(Error(overlay, problem));
        }
        return new OverlayResult(changed ? XdsResource.FromMessage(configuration) : route, errors.ToImmutable());
    }

    /// <summary>Sets the weights of one overlay, all or none.</summary>
    /// <returns>What is wrong; null if it is laid on.</returns>
    private static string? Lay(RouteConfiguration configuration, WeightOverlay overlay, ref bool changed)
    {
        var host = configuration.VirtualHosts.FirstOrDefault(
            host => string.Equals(host.Name, overlay.VirtualHost, StringComparison.Ordinal));
        if (host is null)
            return $"there is no virtual host '{overlay.VirtualHost}'";
        var route = host.Routes
            .Where((route, index) =>
                string.Equals(TopologyReader.Identity(route, index), overlay.Route, StringComparison.Ordinal))
            .FirstOrDefault();
        if (route is null)
            return $"there is no route '{overlay.Route}' in virtual host '{overlay.VirtualHost}'";
        if (route.Route_?.WeightedClusters?.Clusters is not { Count: > 0 } clusters)
            return $"route '{overlay.Route}' has no weighted clusters";

        var places = new List<(int Place, uint Weight)>();
        foreach (var (cluster, weight) in overlay.Weights)
        {
            // A cluster may stand twice in a split; the overlay then names it as often, in the same order.
            var place = FindUnused(clusters, cluster, places);
            if (place < 0)
                return $"route '{overlay.Route}' has no cluster '{cluster}'";
            places.Add((place, weight));
        }
        var weights = clusters.Select(cluster => cluster.Weight ?? 0).ToArray();
        foreach (var (place, weight) in places)
            weights[place] = weight;
        var total = weights.Aggregate(0m, (sum, weight) => sum + weight);
        if (total is 0 or > uint.MaxValue)
            return $"the sum of the weights would be {total}, outside of [1, {uint.MaxValue}]";

        foreach (var (place, weight) in places)
        {
            changed |= clusters[place].Weight != weight;
            clusters[place].Weight = weight;
        }
        return null;
    }

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

    private static OverlayError Error(WeightOverlay overlay, string message) =>
        new(overlay.Id, overlay.RouteConfiguration, message);
}
