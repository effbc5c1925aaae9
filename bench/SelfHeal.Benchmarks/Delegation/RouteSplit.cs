using System.Text.Json;

namespace SelfHeal.Benchmarks.Delegation;

/// <summary>The first route with weights that an Envoy has live.</summary>
/// <param name="RouteConfiguration">The RDS resource.</param>
/// <param name="VirtualHost">The virtual host.</param>
/// <param name="Route">The route.</param>
/// <param name="StableWeight">What <see cref="MeshObjects.Stable"/> gets.</param>
/// <param name="CanaryWeight">What <see cref="MeshObjects.Canary"/> gets.</param>
internal sealed record RouteSplit(
    string RouteConfiguration, string VirtualHost, string Route, uint StableWeight, uint CanaryWeight)
{
    /// <summary>Reads <c>/config_dump?resource=dynamic_route_configs</c>.</summary>
    /// <returns>Null while there is none.</returns>
    public static RouteSplit? Read(string configDump)
    {
        using var dump = JsonDocument.Parse(configDump);
        foreach (var configuration in Items(dump.RootElement, "configs"))
        {
            if (!configuration.TryGetProperty("route_config", out var routes))
                continue;
            foreach (var host in Items(routes, "virtual_hosts"))
            {
                foreach (var route in Items(host, "routes"))
                {
                    if (route.TryGetProperty("route", out var action)
                        && action.TryGetProperty("weighted_clusters", out var weighted))
                    {
                        return new RouteSplit(
                            Name(routes), Name(host), Name(route), Weight(weighted, MeshObjects.Stable),
                            Weight(weighted, MeshObjects.Canary));
                    }
                }
            }
        }

        return null;
    }

    private static IEnumerable<JsonElement> Items(JsonElement owner, string property) =>
        owner.TryGetProperty(property, out var items) ? items.EnumerateArray() : [];

    private static string Name(JsonElement element) => element.GetProperty("name").GetString() ?? "";

    private static uint Weight(JsonElement weighted, string cluster) => Items(weighted, "clusters")
        .Where(each => each.GetProperty("name").ValueEquals(cluster))
        .Select(static each => each.TryGetProperty("weight", out var weight) ? weight.GetUInt32() : 0)
        .FirstOrDefault();
}
