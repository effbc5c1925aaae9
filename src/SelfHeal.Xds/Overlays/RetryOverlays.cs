using System.Collections.Immutable;
using Envoy.Config.Route.V3;
using SelfHeal.Core.Remediation;

namespace SelfHeal.Xds.Overlays;

/// <summary>
/// Retry policies, downwards only: fewer retries, fewer conditions, shorter tries. Retries multiply load where there is
/// too much of it, so whatever would add any is refused.
/// </summary>
internal static class RetryOverlays
{
    // What Envoy does where a policy says nothing (RetryPolicy.num_retries).
    private const uint RetriesDefault = 1;

    public static void Lower(RouteConfiguration configuration, Overlay.RetryPolicy overlay, OverlayPatch patch)
    {
        if (RouteOverlays.FindHost(configuration, overlay.VirtualHost, patch) is not { } host)
            return;
        if (overlay.Limits is not { } limits || IsEmpty(limits))
        {
            patch.Refuse("the overlay sets nothing; expected retries, conditions, status codes or a timeout per try");
            return;
        }

        var policy = overlay.Route is null
            ? FindPolicy(host, patch)
            : RouteOverlays.FindRoute(host, overlay.Route, patch) is { } route
                ? FindPolicy(host, route, overlay.Route, patch)
                : null;
        if (policy is null)
            return;
        patch.Note(policy.ToString());
        Lower(policy, limits, patch);
    }

    private static bool IsEmpty(RetryLimits limits) =>
        limits is { Retries: null, Conditions: null, StatusCodes: null, PerTryTimeout: null, PerTryIdleTimeout: null };

    private static RetryPolicy? FindPolicy(VirtualHost host, OverlayPatch patch)
    {
        if (host.RetryPolicy is null)
        {
            patch.Refuse(host.RetryPolicyTypedConfig is { } typed
                ? Private($"virtual host '{host.Name}'", typed.TypeUrl)
                : $"virtual host '{host.Name}' has no retry policy that could be lowered");
        }

        return host.RetryPolicy;
    }

    private static RetryPolicy? FindPolicy(VirtualHost host, Route route, string identity, OverlayPatch patch)
    {
        if (route.Route_?.RetryPolicy is { } policy)
            return policy;
        if (route.Route_?.RetryPolicyTypedConfig is { } typed)
            patch.Refuse(Private($"route '{identity}'", typed.TypeUrl));
        else if (host.RetryPolicy is null)
            patch.Refuse($"route '{identity}' has no retry policy that could be lowered");
        else
        {
            patch.Refuse($"route '{identity}' has no retry policy of its own; that of virtual host '{host.Name}' "
                + "holds for it, expected an overlay on that");
        }

        return null;
    }

    private static string Private(string where, string typeUrl) =>
        $"the retry policy of {where} is of the private type '{typeUrl}', which an overlay cannot lower; "
            + "expected retry_policy";

    private static void Lower(RetryPolicy policy, RetryLimits limits, OverlayPatch patch)
    {
        var retries = policy.NumRetries ?? RetriesDefault;
        if (limits.Retries > retries)
            patch.Refuse($"retries may only go down: {limits.Retries} is more than {retries}, expected [0, {retries}]");
        else if (limits.Retries is { } fewer && fewer != retries)
            patch.Set(policy.NumRetries, fewer, value => policy.NumRetries = value);
        KeepConditions(policy, limits.Conditions, patch);
        KeepCodes(policy, limits.StatusCodes, patch);
        Shorten("per_try_timeout", policy.PerTryTimeout, limits.PerTryTimeout, patch,
            value => policy.PerTryTimeout = value);
        Shorten("per_try_idle_timeout", policy.PerTryIdleTimeout, limits.PerTryIdleTimeout, patch,
            value => policy.PerTryIdleTimeout = value);
    }

    private static void KeepConditions(RetryPolicy policy, ImmutableArray<string>? wanted, OverlayPatch patch)
    {
        if (wanted is not { IsDefault: false } kept)
            return;
        var before = policy.RetryOn.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        foreach (var added in kept.Except(before, StringComparer.Ordinal))
        {
            patch.Refuse($"conditions may only go: '{added}' is not one of the policy's; "
                + OverlayPatch.Expected(before));
        }

        var after = before.Where(condition => kept.Contains(condition, StringComparer.Ordinal)).ToList();
        if (after.Count < before.Length)
            patch.Set(policy.RetryOn, string.Join(',', after), value => policy.RetryOn = value);
    }

    private static void KeepCodes(RetryPolicy policy, ImmutableArray<uint>? wanted, OverlayPatch patch)
    {
        if (wanted is not { IsDefault: false } kept)
            return;
        var before = policy.RetriableStatusCodes;
        foreach (var added in kept.Except(before))
        {
            patch.Refuse($"status codes may only go: {added} is not one of the policy's; "
                + OverlayPatch.Expected(before.Select(static code => $"{code}")));
        }

        var after = before.Where(code => kept.Contains(code)).ToList();
        patch.Set(before.Count, after.Count, _ =>
        {
            before.Clear();
            before.AddRange(after);
        });
    }

    /// <summary>Zero, like none, is no limit at all.</summary>
    private static void Shorten(
        string name,
        Google.Protobuf.WellKnownTypes.Duration? before,
        TimeSpan? after,
        OverlayPatch patch,
        Action<Google.Protobuf.WellKnownTypes.Duration?> set)
    {
        if (before?.ToTimeSpan() is { Ticks: > 0 } now && after > now)
        {
            patch.Refuse($"{name} may only go down: {OverlayPatch.Text(after.Value)} is more than "
                + OverlayPatch.Text(now));
        }
        else
            patch.SetDuration(name, before, after, set);
    }
}
