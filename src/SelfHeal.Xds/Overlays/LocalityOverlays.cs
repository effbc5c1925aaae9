using System.Globalization;
using Envoy.Config.Endpoint.V3;
using SelfHeal.Core.Loads;
using SelfHeal.Core.Remediation;

namespace SelfHeal.Xds.Overlays;

/// <summary>Weights and priorities of localities.</summary>
internal static class LocalityOverlays
{
    // The API's own bound (LocalityLbEndpoints.priority).
    private const uint PriorityMost = 128;

    public static void SetWeights(ClusterLoadAssignment assignment, Overlay.LocalityWeights overlay, OverlayPatch patch)
    {
        if (overlay.Weights.IsDefaultOrEmpty)
        {
            patch.Refuse("the overlay names no locality; expected at least one and its weight");
            return;
        }

        var wanted = new Dictionary<LocalityLbEndpoints, uint>(ReferenceEqualityComparer.Instance);
        foreach (var (locality, weight, within) in overlay.Weights)
        {
            if (weight == 0)
            {
                patch.Refuse(OverlayPatch.Outside($"the weight of {Text(locality)}", "0", 1, uint.MaxValue)
                    + "; a locality is taken out by its priority or by its endpoints' health");
            }

            if (Find(assignment, locality, within, wanted, patch) is not { } group)
                continue;
            wanted.Add(group, weight);
            patch.Note($"{Text(locality)}={group.LoadBalancingWeight}");
            patch.Set(group.LoadBalancingWeight, weight, value => group.LoadBalancingWeight = value);
        }

        foreach (var sharing in assignment.Endpoints.GroupBy(static group => group.Priority))
        {
            var total = sharing.Aggregate(0m, (sum, group) =>
                sum + (wanted.TryGetValue(group, out var weight) ? weight : group.LoadBalancingWeight ?? 0));
            if (total > uint.MaxValue)
            {
                patch.Refuse($"the sum of the localities' weights at priority {sharing.Key} would be "
                    + $"{total.ToString(CultureInfo.InvariantCulture)}, outside of [1, {uint.MaxValue}]");
            }
        }
    }

    public static void SetPriorities(
        ClusterLoadAssignment assignment, Overlay.LocalityPriorities overlay, OverlayPatch patch)
    {
        if (overlay.Priorities.IsDefaultOrEmpty)
        {
            patch.Refuse("the overlay names no locality; expected at least one and its priority");
            return;
        }

        var wanted = new Dictionary<LocalityLbEndpoints, uint>(ReferenceEqualityComparer.Instance);
        foreach (var (locality, priority, within) in overlay.Priorities)
        {
            if (priority > PriorityMost)
            {
                patch.Refuse(OverlayPatch.Outside(
                    $"the priority of {Text(locality)}",
                    priority.ToString(CultureInfo.InvariantCulture),
                    0,
                    PriorityMost));
            }

            if (Find(assignment, locality, within, wanted, patch) is not { } group)
                continue;
            wanted.Add(group, priority);
            patch.Note($"{Text(locality)}={group.Priority}");
            patch.Set(group.Priority, priority, value => group.Priority = value);
        }

        var before = Gap(assignment.Endpoints.Select(static group => group.Priority));
        var after = Gap(assignment.Endpoints.Select(
            group => wanted.TryGetValue(group, out var priority) ? priority : group.Priority));
        if (after is not null && before is null)
        {
            patch.Refuse($"no locality would have priority {after}; "
                + "expected priorities from 0 on with none left out");
        }
    }

    /// <summary>A locality for messages.</summary>
    public static string Text(LocalityLbEndpoints group) => Text(NameOf(group));

    private static string Text(LocalityName name) => $"'{name.Region}/{name.Zone}/{name.SubZone}'";

    private static LocalityName NameOf(LocalityLbEndpoints group) => new(
        group.Locality?.Region ?? "", group.Locality?.Zone ?? "", group.Locality?.SubZone ?? "");

    /// <summary>The first priority that is left out below the largest.</summary>
    private static uint? Gap(IEnumerable<uint> priorities)
    {
        var next = 0u;
        foreach (var priority in priorities.Distinct().Order())
        {
            if (priority != next)
                return next;
            next++;
        }

        return null;
    }

    private static LocalityLbEndpoints? Find(
        ClusterLoadAssignment assignment,
        LocalityName locality,
        uint? within,
        Dictionary<LocalityLbEndpoints, uint> named,
        OverlayPatch patch)
    {
        var name = new LocalityName(locality.Region ?? "", locality.Zone ?? "", locality.SubZone ?? "");
        var groups = assignment.Endpoints.Where(group => NameOf(group) == name).ToList();
        var found = within is null ? groups : groups.FindAll(group => group.Priority == within);
        var where = within is null ? Text(name) : $"{Text(name)} at priority {within}";
        if (found is [var one] && !named.ContainsKey(one))
            return one;
        if (found.Count == 0)
        {
            patch.Refuse($"there is no locality {where}; "
                + OverlayPatch.Expected(assignment.Endpoints.Select(static group =>
                    $"{Text(group).Trim('\'')} at priority {group.Priority}")));
        }
        else if (found.Count > 1)
        {
            patch.Refuse($"locality {where} has {found.Count} groups; expected one, chosen by its priority, which is "
                + string.Join(" or ", found.Select(static group => group.Priority)));
        }
        else
            patch.Refuse($"locality {where} is named twice; expected each group once");
        return null;
    }
}
