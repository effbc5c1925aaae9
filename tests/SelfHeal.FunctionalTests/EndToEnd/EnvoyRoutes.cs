using System.Text.Json;
using SelfHeal.Lab.Processes;

namespace SelfHeal.FunctionalTests.EndToEnd;

/// <summary>What Envoy itself says of its routes.</summary>
internal static class EnvoyRoutes
{
    /// <summary>The weights by cluster in <c>/config_dump</c>.</summary>
    public static async Task<IReadOnlyDictionary<string, uint>> WeightsAsync(
        EnvoyProcess envoy, CancellationToken cancellationToken)
    {
        using var dump = JsonDocument.Parse(
            await envoy.AdminAsync("/config_dump?resource=dynamic_route_configs", cancellationToken));
        var weights = new Dictionary<string, uint>(StringComparer.Ordinal);
        Collect(dump.RootElement, weights);
        return weights;
    }

    /// <summary>The value of one of Envoy's own stats of the route subscription.</summary>
    public static async Task<long> StatAsync(EnvoyProcess envoy, string name, CancellationToken cancellationToken)
    {
        var text = await envoy.AdminAsync($"/stats?filter=rds.{Gateway.Routes}.{name}$", cancellationToken);
        return long.Parse(text[(text.LastIndexOf(' ') + 1)..], System.Globalization.CultureInfo.InvariantCulture);
    }

    private static void Collect(JsonElement element, Dictionary<string, uint> weights)
    {
        if (element.ValueKind == JsonValueKind.Array)
        {
            foreach (var item in element.EnumerateArray())
                Collect(item, weights);
        }
        else if (element.ValueKind == JsonValueKind.Object)
        {
            if (element.TryGetProperty("weight", out var weight) && element.TryGetProperty("name", out var name))
                weights[name.GetString() ?? ""] = weight.GetUInt32();
            foreach (var property in element.EnumerateObject())
                Collect(property.Value, weights);
        }
    }
}
