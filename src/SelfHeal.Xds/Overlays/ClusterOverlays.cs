using Envoy.Config.Cluster.V3;
using Envoy.Config.Core.V3;
using Google.Protobuf.WellKnownTypes;
using SelfHeal.Core.Remediation;

namespace SelfHeal.Xds.Overlays;

/// <summary>
/// Outlier detection and circuit breakers of a cluster. Envoy builds the cluster anew and warms it, so the endpoints
/// must follow; sessions see to that whenever a cluster changes.
/// </summary>
internal static class ClusterOverlays
{
    private const uint Percent = 100;

    // What Envoy takes where a cluster says nothing (OutlierDetection.base_ejection_time and max_ejection_time).
    private static readonly TimeSpan BaseEjectionDefault = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan MaxEjectionDefault = TimeSpan.FromSeconds(300);

    public static void SetOutlierDetection(Cluster cluster, Overlay.OutlierDetection overlay, OverlayPatch patch)
    {
        if (overlay.Settings is not { } s || s == new OutlierSettings())
        {
            patch.Refuse("the overlay sets nothing; expected at least one setting of outlier detection");
            return;
        }

        var now = cluster.OutlierDetection ?? new OutlierDetection();
        patch.Set(cluster.OutlierDetection is null, false, _ => cluster.OutlierDetection = now);
        Number("consecutive_5xx", now.Consecutive5Xx, s.Consecutive5xx, uint.MaxValue, v => now.Consecutive5Xx = v);
        Number("consecutive_gateway_failure", now.ConsecutiveGatewayFailure, s.ConsecutiveGatewayFailure,
            uint.MaxValue, v => now.ConsecutiveGatewayFailure = v);
        Number("consecutive_local_origin_failure", now.ConsecutiveLocalOriginFailure, s.ConsecutiveLocalOriginFailure,
            uint.MaxValue, v => now.ConsecutiveLocalOriginFailure = v);
        Number("enforcing_consecutive_5xx", now.EnforcingConsecutive5Xx, s.EnforcingConsecutive5xx,
            Percent, v => now.EnforcingConsecutive5Xx = v);
        Number("enforcing_consecutive_gateway_failure", now.EnforcingConsecutiveGatewayFailure,
            s.EnforcingConsecutiveGatewayFailure, Percent, v => now.EnforcingConsecutiveGatewayFailure = v);
        Number("enforcing_consecutive_local_origin_failure", now.EnforcingConsecutiveLocalOriginFailure,
            s.EnforcingConsecutiveLocalOriginFailure, Percent, v => now.EnforcingConsecutiveLocalOriginFailure = v);
        Number("enforcing_success_rate", now.EnforcingSuccessRate, s.EnforcingSuccessRate,
            Percent, v => now.EnforcingSuccessRate = v);
        Number("enforcing_failure_percentage", now.EnforcingFailurePercentage, s.EnforcingFailurePercentage,
            Percent, v => now.EnforcingFailurePercentage = v);
        Number("failure_percentage_threshold", now.FailurePercentageThreshold, s.FailurePercentageThreshold,
            Percent, v => now.FailurePercentageThreshold = v);
        Number("max_ejection_percent", now.MaxEjectionPercent, s.MaxEjectionPercent,
            Percent, v => now.MaxEjectionPercent = v);
        patch.SetDuration("interval", now.Interval, s.Interval, v => now.Interval = v);
        patch.SetDuration(
            "base_ejection_time", now.BaseEjectionTime, s.BaseEjectionTime, v => now.BaseEjectionTime = v);
        patch.SetDuration("max_ejection_time", now.MaxEjectionTime, s.MaxEjectionTime, v => now.MaxEjectionTime = v);
        CheckEjectionTimes(now, s, patch);

        void Number(string name, uint? before, uint? after, uint most, Action<uint?> set) =>
            patch.SetNumber(name, before, after, most, set);
    }

    public static void SetBreakers(Cluster cluster, Overlay.CircuitBreakers overlay, OverlayPatch patch)
    {
        if (!IsUsable(cluster, overlay.Priority, overlay.Limits, patch))
            return;
        var limits = overlay.Limits;
        var found = FindThresholds(cluster, overlay.Priority);
        var now = found ?? new CircuitBreakers.Types.Thresholds { Priority = PriorityOf(overlay.Priority) };
        patch.Set(found is null, false, _ => (cluster.CircuitBreakers ??= new CircuitBreakers()).Thresholds.Add(now));
        patch.SetNumber("max_connections", now.MaxConnections, limits.MaxConnections, uint.MaxValue,
            value => now.MaxConnections = value);
        patch.SetNumber("max_pending_requests", now.MaxPendingRequests, limits.MaxPendingRequests, uint.MaxValue,
            value => now.MaxPendingRequests = value);
        patch.SetNumber("max_requests", now.MaxRequests, limits.MaxRequests, uint.MaxValue,
            value => now.MaxRequests = value);
        patch.SetNumber("max_retries", now.MaxRetries, limits.MaxRetries, uint.MaxValue,
            value => now.MaxRetries = value);
        patch.SetNumber("max_connection_pools", now.MaxConnectionPools, limits.MaxConnectionPools, uint.MaxValue,
            value => now.MaxConnectionPools = value);
    }

    /// <summary>The limits under their names in the API and in runtime keys.</summary>
    public static (string Setting, uint? Limit)[] Limits(BreakerSettings limits) =>
    [
        ("max_connections", limits.MaxConnections),
        ("max_pending_requests", limits.MaxPendingRequests),
        ("max_requests", limits.MaxRequests),
        ("max_retries", limits.MaxRetries),
        ("max_connection_pools", limits.MaxConnectionPools),
    ];

    /// <summary>Refuses limits that would say nothing or do nothing.</summary>
    public static bool IsUsable(
        Cluster? cluster, BreakerPriority priority, BreakerSettings? limits, OverlayPatch patch)
    {
        if (priority is not (BreakerPriority.Default or BreakerPriority.High))
            patch.Refuse($"{(int)priority} is no priority; expected Default or High");
        if (limits is null || limits == new BreakerSettings())
            patch.Refuse("the overlay sets nothing; expected at least one limit of a circuit breaker");
        else if (limits.MaxRetries is not null && cluster is not null
            && FindThresholds(cluster, priority)?.RetryBudget is not null)
        {
            patch.Refuse($"cluster '{cluster.Name}' has a retry budget at this priority, which wins over max_retries; "
                + "expected limits without it");
        }

        return !patch.IsRefused;
    }

    /// <summary>Of several for one priority Envoy takes the first.</summary>
    private static CircuitBreakers.Types.Thresholds? FindThresholds(Cluster cluster, BreakerPriority priority) =>
        cluster.CircuitBreakers?.Thresholds.FirstOrDefault(
            thresholds => thresholds.Priority == PriorityOf(priority));

    private static RoutingPriority PriorityOf(BreakerPriority priority) =>
        priority == BreakerPriority.High ? RoutingPriority.High : RoutingPriority.Default;

    /// <summary>Envoy refuses a cluster whose ejections may not last as long as their first one does.</summary>
    private static void CheckEjectionTimes(OutlierDetection now, OutlierSettings settings, OverlayPatch patch)
    {
        var first = settings.BaseEjectionTime ?? Time(now.BaseEjectionTime) ?? BaseEjectionDefault;
        var most = settings.MaxEjectionTime ?? Time(now.MaxEjectionTime)
            ?? (first > MaxEjectionDefault ? first : MaxEjectionDefault);
        if (most < first)
        {
            patch.Refuse($"max_ejection_time would be {OverlayPatch.Text(most)}, expected at least "
                + $"base_ejection_time, {OverlayPatch.Text(first)}");
        }

        static TimeSpan? Time(Duration? duration) => duration?.ToTimeSpan();
    }
}
