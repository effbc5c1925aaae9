using SelfHeal.Xds.Resources;

namespace SelfHeal.Xds.Accepted;

/// <summary>The resources that a resource cannot be served without.</summary>
internal static class References
{
    public static IEnumerable<(string TypeUrl, string Name)> Of(XdsResource resource)
    {
        var facts = resource.Facts;
        if (facts.EndpointName is { } endpoints)
            yield return (TypeUrl.ClusterLoadAssignment, endpoints);
        foreach (var (_, name) in facts.Clusters)
            yield return (TypeUrl.Cluster, name);
        foreach (var (_, name) in facts.RouteConfigurations)
            yield return (TypeUrl.RouteConfiguration, name);
    }
}
