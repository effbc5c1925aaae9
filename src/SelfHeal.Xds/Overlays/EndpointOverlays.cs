using System.Globalization;
using Envoy.Config.Core.V3;
using Envoy.Config.Endpoint.V3;
using SelfHeal.Core.Remediation;
using SelfHeal.Xds.Resources;

namespace SelfHeal.Xds.Overlays;

/// <summary>Weights and health of endpoints.</summary>
internal static class EndpointOverlays
{
    public static void SetWeights(ClusterLoadAssignment assignment, Overlay.EndpointWeights overlay, OverlayPatch patch)
    {
        if (overlay.Weights.IsDefaultOrEmpty)
        {
            patch.Refuse("the overlay names no endpoint; expected at least one and its weight");
            return;
        }

        var wanted = new Dictionary<LbEndpoint, uint>(ReferenceEqualityComparer.Instance);
        var named = new HashSet<string>(StringComparer.Ordinal);
        foreach (var (address, weight) in overlay.Weights)
        {
            if (weight == 0)
            {
                patch.Refuse(OverlayPatch.Outside($"the weight of '{address}'", "0", 1, uint.MaxValue)
                    + "; an endpoint is taken out by its health");
            }

            foreach (var endpoint in Find(assignment, address, named, patch))
            {
                wanted[endpoint] = weight;
                patch.Note($"{address}={endpoint.LoadBalancingWeight}");
                patch.Set(endpoint.LoadBalancingWeight, weight, value => endpoint.LoadBalancingWeight = value);
            }
        }

        // The API bounds the sum, and Envoy counts an endpoint without weight as 1.
        foreach (var group in assignment.Endpoints)
        {
            var total = EndpointsOf(group).Aggregate(0m, (sum, endpoint) =>
                sum + (wanted.TryGetValue(endpoint, out var weight) ? weight : endpoint.LoadBalancingWeight ?? 1));
            if (total > uint.MaxValue)
            {
                patch.Refuse($"the sum of the weights in locality {LocalityOverlays.Text(group)} would be "
                    + $"{total.ToString(CultureInfo.InvariantCulture)}, outside of [1, {uint.MaxValue}]");
            }
        }
    }

    public static void SetHealth(ClusterLoadAssignment assignment, Overlay.EndpointHealth overlay, OverlayPatch patch)
    {
        if (overlay.Statuses.IsDefaultOrEmpty)
        {
            patch.Refuse("the overlay names no endpoint; expected at least one and its health");
            return;
        }

        var named = new HashSet<string>(StringComparer.Ordinal);
        foreach (var (address, health) in overlay.Statuses)
        {
            if (StatusOf(health) is not { } status)
            {
                patch.Refuse($"{(int)health} is no health of an endpoint; expected one of "
                    + string.Join(", ", Enum.GetNames<EndpointHealthStatus>()));
                continue;
            }

            foreach (var endpoint in Find(assignment, address, named, patch))
            {
                patch.Note($"{address}={endpoint.HealthStatus}");
                patch.Set(endpoint.HealthStatus, status, value => endpoint.HealthStatus = value);
            }
        }
    }

    /// <summary>The endpoints of a group, in either of the two places where the API has them.</summary>
    private static IEnumerable<LbEndpoint> EndpointsOf(LocalityLbEndpoints group) =>
        group.LbConfigCase == LocalityLbEndpoints.LbConfigOneofCase.LoadBalancerEndpoints
            ? group.LoadBalancerEndpoints.LbEndpoints
            : group.LbEndpoints;

    /// <summary>Every endpoint of this address: one may stand in several localities.</summary>
    private static List<LbEndpoint> Find(
        ClusterLoadAssignment assignment, string address, HashSet<string> named, OverlayPatch patch)
    {
        if (string.IsNullOrEmpty(address) || !named.Add(address))
        {
            patch.Refuse($"endpoint '{address}' is named twice or not at all; expected each address once");
            return [];
        }

        var endpoints = assignment.Endpoints.SelectMany(EndpointsOf)
            .Select(static endpoint => (Endpoint: endpoint, Address: AddressText.Of(endpoint.Endpoint?.Address)))
            .ToList();
        var found = endpoints.FindAll(pair => string.Equals(pair.Address, address, StringComparison.Ordinal));
        if (found.Count == 0)
        {
            var elsewhere = assignment.Endpoints.Any(static group =>
                group.LbConfigCase == LocalityLbEndpoints.LbConfigOneofCase.LedsClusterLocalityConfig)
                ? ", and those that come by LEDS carry no overlays"
                : "";
            patch.Refuse($"there is no endpoint '{address}'; "
                + OverlayPatch.Expected(endpoints.Select(static pair => pair.Address)) + elsewhere);
        }

        return found.ConvertAll(static pair => pair.Endpoint);
    }

    private static HealthStatus? StatusOf(EndpointHealthStatus health) => health switch
    {
        EndpointHealthStatus.Unknown => HealthStatus.Unknown,
        EndpointHealthStatus.Healthy => HealthStatus.Healthy,
        EndpointHealthStatus.Unhealthy => HealthStatus.Unhealthy,
        EndpointHealthStatus.Draining => HealthStatus.Draining,
        EndpointHealthStatus.Timeout => HealthStatus.Timeout,
        EndpointHealthStatus.Degraded => HealthStatus.Degraded,
        _ => null,
    };
}
