using System.Collections.Immutable;
using SelfHeal.Core.Loads;
using SelfHeal.Core.Remediation;

namespace SelfHeal.UnitTests.Xds.Overlays;

/// <summary>Overlays in few words.</summary>
internal static class TestOverlays
{
    public const string Owner = "operator";

    public static Overlay Weights(
        string id, string configuration, string host, string route, params (string Cluster, uint Weight)[] weights) =>
        new Overlay.WeightedClusters(
            configuration, host, route, [.. weights.Select(static w => new ClusterWeight(w.Cluster, w.Weight))])
        {
            Id = id,
            Owner = Owner,
            Reason = "test",
            IncidentId = "incident",
        };

    public static Overlay Retry(string id, string configuration, string host, string? route, RetryLimits limits) =>
        new Overlay.RetryPolicy(configuration, host, route, limits)
        {
            Id = id,
            Owner = Owner,
            Reason = "test",
            IncidentId = "incident",
        };

    public static Overlay EndpointWeights(
        string id, string assignment, params (string Endpoint, uint Weight)[] weights) =>
        new Overlay.EndpointWeights(
            assignment, [.. weights.Select(static w => new EndpointWeight(w.Endpoint, w.Weight))])
        {
            Id = id,
            Owner = Owner,
            Reason = "test",
            IncidentId = "incident",
        };

    public static Overlay EndpointHealth(
        string id, string assignment, params (string Endpoint, EndpointHealthStatus Health)[] statuses) =>
        new Overlay.EndpointHealth(
            assignment, [.. statuses.Select(static s => new EndpointStatus(s.Endpoint, s.Health))])
        {
            Id = id,
            Owner = Owner,
            Reason = "test",
            IncidentId = "incident",
        };

    public static Overlay LocalityWeights(
        string id, string assignment, params ImmutableArray<LocalityWeight> weights) =>
        new Overlay.LocalityWeights(assignment, weights)
        {
            Id = id,
            Owner = Owner,
            Reason = "test",
            IncidentId = "incident",
        };

    public static Overlay LocalityPriorities(
        string id, string assignment, params ImmutableArray<LocalityPriority> priorities) =>
        new Overlay.LocalityPriorities(assignment, priorities)
        {
            Id = id,
            Owner = Owner,
            Reason = "test",
            IncidentId = "incident",
        };

    public static Overlay Runtime(
        string id,
        string layer,
        string cluster,
        BreakerSettings limits,
        BreakerPriority priority = BreakerPriority.Default) =>
        new Overlay.RuntimeBreakers(layer, cluster, priority, limits)
        {
            Id = id,
            Owner = Owner,
            Reason = "test",
            IncidentId = "incident",
        };

    public static Overlay Outliers(string id, string cluster, OutlierSettings settings) =>
        new Overlay.OutlierDetection(cluster, settings)
        {
            Id = id,
            Owner = Owner,
            Reason = "test",
            IncidentId = "incident",
        };

    public static Overlay Breakers(
        string id, string cluster, BreakerSettings limits, BreakerPriority priority = BreakerPriority.Default) =>
        new Overlay.CircuitBreakers(cluster, priority, limits)
        {
            Id = id,
            Owner = Owner,
            Reason = "test",
            IncidentId = "incident",
        };

    public static LocalityName Locality(string region, string zone) => new(region, zone, "");
}
