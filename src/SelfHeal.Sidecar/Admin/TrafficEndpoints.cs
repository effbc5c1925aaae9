using System.Globalization;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Http;

namespace SelfHeal.Sidecar.Admin;

/// <summary>The admin API's paths about traffic.</summary>
internal static class TrafficEndpoints
{
    // As many as access_logs.intervals allows.
    private const int IntervalsMax = 1_000;
    private const int IntervalsDefault = 12;

    /// <summary>Maps them.</summary>
    /// <param name="get">Maps one path for reading.</param>
    /// <param name="traffic">Who answers.</param>
    public static void Map(Action<string, RequestDelegate> get, ITrafficBoard traffic)
    {
        ArgumentNullException.ThrowIfNull(get);
        ArgumentNullException.ThrowIfNull(traffic);
        get("/api/loads", context => AnswerAsync(
            context,
            traffic.LoadsAsync(Query(context, "cluster"), context.RequestAborted),
            AdminJson.Default.LoadListing));
        get("/api/loads/traffic", context => Query(context, "cluster") is { } cluster
            ? AnswerAsync(
                context, traffic.TrafficAsync(cluster, context.RequestAborted), AdminJson.Default.TrafficStatus)
            : MissingAsync(context, "cluster"));
        get("/api/loads/drain", context => Query(context, "cluster") is not { } cluster
            ? MissingAsync(context, "cluster")
            : Query(context, "endpoint") is not { } endpoint
                ? MissingAsync(context, "endpoint")
                : AnswerAsync(
                    context,
                    traffic.DrainAsync(cluster, endpoint, context.RequestAborted),
                    AdminJson.Default.DrainStatus));
        get("/api/access_logs", context => AccessLogsAsync(context, traffic));
    }

    private static Task AccessLogsAsync(HttpContext context, ITrafficBoard traffic)
    {
        if (!traffic.CountsAccessLogs)
        {
            return AdminResponse.ProblemAsync(
                context,
                StatusCodes.Status404NotFound,
                "Access logs are not counted",
                "access_logs.enabled: true in the configuration");
        }

        var intervals = IntervalsDefault;
        if (Query(context, "intervals") is { } text
            && (!int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out intervals)
                || intervals is < 1 or > IntervalsMax))
        {
            return AdminResponse.ProblemAsync(
                context,
                StatusCodes.Status400BadRequest,
                $"intervals: '{text}'",
                $"A whole number from 1 to {IntervalsMax}");
        }

        return AnswerAsync(
            context,
            traffic.AccessLogsAsync(intervals, context.RequestAborted),
            AdminJson.Default.AccessLogListing);
    }

    private static async Task AnswerAsync<T>(HttpContext context, Task<T?> asked, JsonTypeInfo<T> type)
        where T : class
    {
        if (await asked is { } answer)
        {
            await AdminResponse.JsonAsync(context, answer, type);
            return;
        }

        await AdminResponse.ProblemAsync(
            context,
            StatusCodes.Status503ServiceUnavailable,
            "The control loop does not answer",
            "A control loop that runs; /readyz says more");
    }

    private static Task MissingAsync(HttpContext context, string name) => AdminResponse.ProblemAsync(
        context,
        StatusCodes.Status400BadRequest,
        $"{context.Request.Path} without {name}",
        $"The query {name}=NAME");

    private static string? Query(HttpContext context, string name) =>
        context.Request.Query[name].ToString() is { Length: > 0 } text ? text : null;
}
