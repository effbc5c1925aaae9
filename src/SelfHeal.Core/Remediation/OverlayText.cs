using System.Collections.Immutable;
using System.Globalization;
using SelfHeal.Core.Loads;

namespace SelfHeal.Core.Remediation;

/// <summary>Says in one line what an overlay changes, in the words of Envoy's API.</summary>
public static class OverlayText
{
    /// <summary>What it sets and where in its resource, such as <c>virtual host 'shop' route '#0': a=100, b=0</c>.
    /// </summary>
    /// <param name="overlay">The overlay.</param>
    public static string Describe(Overlay overlay)
    {
        ArgumentNullException.ThrowIfNull(overlay);
        return overlay switch
        {
            Overlay.WeightedClusters o =>
                $"virtual host '{o.VirtualHost}' route '{o.Route}' weights: "
                    + List(o.Weights, static w => $"{w.Cluster}={w.Weight}"),
            Overlay.RetryPolicy o =>
                $"virtual host '{o.VirtualHost}'{(o.Route is null ? "" : $" route '{o.Route}'")} retry_policy: "
                    + Describe(o.Limits),
            Overlay.EndpointWeights o => "endpoint weights: " + List(o.Weights, static w => $"{w.Endpoint}={w.Weight}"),
            Overlay.EndpointHealth o =>
                "endpoint health: " + List(o.Statuses, static s => $"{s.Endpoint}={s.Health}"),
            Overlay.LocalityWeights o =>
                "locality weights: " + List(o.Weights, static w => $"{Name(w.Locality, w.Within)}={w.Weight}"),
            Overlay.LocalityPriorities o =>
                "locality priorities: " + List(o.Priorities, static p => $"{Name(p.Locality, p.Within)}={p.Priority}"),
            Overlay.RuntimeBreakers o =>
                $"runtime circuit_breakers.{o.Cluster}.{Word(o.Priority)}: {Describe(o.Limits)}",
            Overlay.OutlierDetection o => $"outlier_detection: {Describe(o.Settings)}",
            Overlay.CircuitBreakers o => $"circuit_breakers {Word(o.Priority)}: {Describe(o.Limits)}",
            _ => overlay.GetType().Name,
        };
    }

    private static string Describe(RetryLimits? limits) => limits is null ? "" : Join(
        ("num_retries", Text(limits.Retries)),
        ("retry_on", limits.Conditions is { IsDefault: false } kept ? string.Join('+', kept) : null),
        ("retriable_status_codes", limits.StatusCodes is { IsDefault: false } codes ? string.Join('+', codes) : null),
        ("per_try_timeout", Text(limits.PerTryTimeout)),
        ("per_try_idle_timeout", Text(limits.PerTryIdleTimeout)));

    private static string Describe(BreakerSettings? limits) => limits is null ? "" : Join(
        ("max_connections", Text(limits.MaxConnections)),
        ("max_pending_requests", Text(limits.MaxPendingRequests)),
        ("max_requests", Text(limits.MaxRequests)),
        ("max_retries", Text(limits.MaxRetries)),
        ("max_connection_pools", Text(limits.MaxConnectionPools)));

    private static string Describe(OutlierSettings? settings) => settings is null ? "" : Join(
        ("consecutive_5xx", Text(settings.Consecutive5xx)),
        ("consecutive_gateway_failure", Text(settings.ConsecutiveGatewayFailure)),
        ("consecutive_local_origin_failure", Text(settings.ConsecutiveLocalOriginFailure)),
        ("enforcing_consecutive_5xx", Text(settings.EnforcingConsecutive5xx)),
        ("enforcing_consecutive_gateway_failure", Text(settings.EnforcingConsecutiveGatewayFailure)),
        ("enforcing_consecutive_local_origin_failure", Text(settings.EnforcingConsecutiveLocalOriginFailure)),
        ("enforcing_success_rate", Text(settings.EnforcingSuccessRate)),
        ("enforcing_failure_percentage", Text(settings.EnforcingFailurePercentage)),
        ("failure_percentage_threshold", Text(settings.FailurePercentageThreshold)),
        ("max_ejection_percent", Text(settings.MaxEjectionPercent)),
        ("interval", Text(settings.Interval)),
        ("base_ejection_time", Text(settings.BaseEjectionTime)),
        ("max_ejection_time", Text(settings.MaxEjectionTime)));

    private static string List<T>(ImmutableArray<T> items, Func<T, string> text) =>
        items.IsDefault ? "" : string.Join(", ", items.Select(text));

    private static string Join(params ReadOnlySpan<(string Name, string? Value)> parts)
    {
        var set = new List<string>();
        foreach (var (name, value) in parts)
        {
            if (value is not null)
                set.Add($"{name}={value}");
        }

        return string.Join(", ", set);
    }

    private static string Name(LocalityName locality, uint? within) =>
        $"{locality.Region}/{locality.Zone}/{locality.SubZone}{(within is null ? "" : $"@{within}")}";

    private static string Word(BreakerPriority priority) => priority == BreakerPriority.High ? "high" : "default";

    private static string? Text(uint? number) => number?.ToString(CultureInfo.InvariantCulture);

    private static string? Text(TimeSpan? duration) => duration is { } time
        ? string.Create(CultureInfo.InvariantCulture, $"{time.TotalSeconds:0.#######}s")
        : null;
}
