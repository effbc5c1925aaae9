using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace SelfHeal.Sidecar.Admin;

/// <summary>The admin API's paths about single proxies.</summary>
internal static class ProxyEndpoints
{
    /// <summary>Maps them.</summary>
    /// <param name="get">Maps one path for reading.</param>
    /// <param name="proxies">Who answers.</param>
    public static void Map(Action<string, RequestDelegate> get, IProxyBoard proxies)
    {
        ArgumentNullException.ThrowIfNull(get);
        ArgumentNullException.ThrowIfNull(proxies);
        get("/api/proxies/{node}", context => AnswerAsync(context, proxies.Find, AdminJson.Default.ProxyDocument));
        get("/api/proxies/{node}/diff", context =>
            AnswerAsync(context, proxies.Compare, AdminJson.Default.ProxyDiffDocument));
    }

    private static Task AnswerAsync<T>(HttpContext context, Func<string, T?> find, JsonTypeInfo<T> type)
        where T : class
    {
        // A slash within a segment is the one character that routing leaves escaped.
        var node = ((string?)context.GetRouteValue("node") ?? "").Replace(
            "%2F", "/", StringComparison.OrdinalIgnoreCase);
        return find(node) is { } answer
            ? AdminResponse.JsonAsync(context, answer, type)
            : AdminResponse.ProblemAsync(
                context, StatusCodes.Status404NotFound, $"No proxy '{node}'", "A node that GET /api/proxies lists");
    }
}
