using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace SelfHeal.Lab.Processes;

/// <summary>Reads Envoy's <c>/config_dump</c> of dynamic route configurations.</summary>
internal static class RouteDump
{
    /// <summary>
    /// A digest of one route configuration as Envoy prints it. The order of protobuf map entries is not defined in
    /// JSON,
    /// so properties are sorted first; lists keep their order, because in routes it has a meaning.
    /// </summary>
    public static string? Digest(string configDump, string routeConfiguration)
    {
        using var dump = JsonDocument.Parse(configDump);
        if (!dump.RootElement.TryGetProperty("configs", out var configs))
            return null;
        foreach (var config in configs.EnumerateArray())
        {
            if (!config.TryGetProperty("route_config", out var route)
                || !route.TryGetProperty("name", out var name)
                || !name.ValueEquals(routeConfiguration))
            {
                continue;
            }

            var text = Sorted(route)?.ToJsonString() ?? "null";
            return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
        }

        return null;
    }

    private static JsonNode? Sorted(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.Object => new JsonObject(element.EnumerateObject()
            .OrderBy(property => property.Name, StringComparer.Ordinal)
            .Select(property => KeyValuePair.Create(property.Name, Sorted(property.Value)))),
        JsonValueKind.Array => new JsonArray([.. element.EnumerateArray().Select(Sorted)]),
        _ => JsonNode.Parse(element.GetRawText()),
    };
}
