using System.Buffers;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using SelfHeal.Sidecar.Metrics;

namespace SelfHeal.Sidecar.Admin;

/// <summary>The admin API: read-only, one handler per path.</summary>
/// <param name="incidents">What is known of incidents.</param>
/// <param name="gateway">What is known of the gateway.</param>
/// <param name="proxies">What is known of single proxies.</param>
/// <param name="traffic">What is known of the traffic.</param>
/// <param name="metrics">What was measured.</param>
/// <param name="lifetime">Says when the process is about to stop.</param>
/// <param name="logger">Where handlers that throw are reported.</param>
internal sealed partial class AdminEndpoints(
    IIncidentBoard incidents,
    IGatewayBoard gateway,
    IProxyBoard proxies,
    ITrafficBoard traffic,
    MetricsRegistry metrics,
    IHostApplicationLifetime lifetime,
    ILogger<AdminEndpoints> logger)
{
    private const string KnownPaths = "/healthz, /readyz, /metrics, /api/incidents, /api/incidents/ID, "
        + "/api/incidents/ID/full, /api/incidents/ID/timeline, /api/incidents/ID/narrative, /api/proxies, "
        + "/api/proxies/NODE, /api/proxies/NODE/diff, /api/routes, /api/overlays, /api/snapshots, /api/loads, "
        + "/api/loads/traffic, /api/loads/drain, /api/access_logs";

    /// <summary>Maps every path.</summary>
    /// <param name="routes">The admin listener's routes.</param>
    public void Map(IEndpointRouteBuilder routes)
    {
        ArgumentNullException.ThrowIfNull(routes);
        Get(routes, "/healthz", context => AdminResponse.TextAsync(context, "ok\n"));
        Get(routes, "/readyz", ReadyAsync);
        Get(routes, "/metrics", MetricsAsync);
        Get(routes, "/api/incidents", context =>
            AdminResponse.JsonAsync(context, incidents.Incidents, AdminJson.Default.ImmutableArrayIncidentSummary));
        Get(routes, "/api/incidents/{id}", context => IncidentAsync(context, incident =>
            AdminResponse.BytesAsync(context, incident.Record, AdminResponse.JsonType)));
        Get(routes, "/api/incidents/{id}/full", EntriesAsync);
        Get(routes, "/api/incidents/{id}/timeline", context => IncidentAsync(context, incident =>
            AdminResponse.JsonAsync(context, incident.Timeline, AdminJson.Default.ImmutableArrayTimelineEntry)));
        Get(routes, "/api/incidents/{id}/narrative", context => IncidentAsync(context, incident =>
            AdminResponse.TextAsync(context, incident.Narrative)));
        Get(routes, "/api/proxies", context =>
            AdminResponse.JsonAsync(context, gateway.Proxies, AdminJson.Default.ImmutableArrayProxyStatus));
        Get(routes, "/api/routes", context =>
            AdminResponse.JsonAsync(context, gateway.Routes, AdminJson.Default.ImmutableArrayRouteStatus));
        Get(routes, "/api/overlays", context =>
            AdminResponse.JsonAsync(context, gateway.Overlays, AdminJson.Default.ImmutableArrayOverlayStatus));
        ProxyEndpoints.Map((pattern, handler) => Get(routes, pattern, handler), proxies);
        Get(routes, "/api/snapshots", context =>
            AdminResponse.JsonAsync(context, gateway.Groups, AdminJson.Default.ImmutableArrayGroupStatus));
        TrafficEndpoints.Map((pattern, handler) => Get(routes, pattern, handler), traffic);
        routes.Map("/{**path}", context => AdminResponse.ProblemAsync(
            context, StatusCodes.Status404NotFound, $"No such path: {context.Request.Path}", $"Known: {KnownPaths}"));
    }

    private void Get(IEndpointRouteBuilder routes, string pattern, RequestDelegate handler)
    {
        routes.MapMethods(pattern, [HttpMethods.Get, HttpMethods.Head], context => GuardAsync(context, handler));
        routes.Map(pattern, context =>
        {
            context.Response.Headers.Allow = "GET, HEAD";
            return AdminResponse.ProblemAsync(
                context,
                StatusCodes.Status405MethodNotAllowed,
                $"{context.Request.Method} is not allowed on {context.Request.Path}",
                "The admin API is read-only: GET or HEAD");
        });
    }

    private async Task GuardAsync(HttpContext context, RequestDelegate handler)
    {
        try
        {
            await handler(context);
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            // The caller has gone; there is nobody to answer.
        }
        catch (Exception exception) when (!context.Response.HasStarted)
        {
            LogHandlerFailed(logger, context.Request.Path, exception);
            await AdminResponse.ProblemAsync(
                context,
                StatusCodes.Status500InternalServerError,
                $"{context.Request.Path} could not be answered: {exception.GetType().Name}",
                "An answer; the log of selfheal says more");
        }
    }

    private Task ReadyAsync(HttpContext context)
    {
        var readiness = gateway.Readiness;
        if (lifetime.ApplicationStopping.IsCancellationRequested)
            readiness = readiness with { Ready = false, Reasons = readiness.Reasons.Add("The process is stopping.") };
        var status = readiness.Ready ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable;
        return AdminResponse.JsonAsync(context, readiness, AdminJson.Default.Readiness, status);
    }

    private Task MetricsAsync(HttpContext context)
    {
        // MetricsRegistry caps the series of each metric, so the size of a scrape is bounded.
        var body = new ArrayBufferWriter<byte>(16 * 1024);
        metrics.Write(body);
        return AdminResponse.BytesAsync(context, body.WrittenMemory, PrometheusTextWriter.ContentType);
    }

    private async Task EntriesAsync(HttpContext context)
    {
        var id = Id(context);
        if (await incidents.ReadEntriesAsync(id, context.RequestAborted) is { } entries)
            await AdminResponse.BytesAsync(context, entries, AdminResponse.JsonType);
        else
            await NoIncidentAsync(context, id);
    }

    private Task IncidentAsync(HttpContext context, Func<IncidentDocument, Task> answer)
    {
        var id = Id(context);
        return incidents.Find(id) is { } incident ? answer(incident) : NoIncidentAsync(context, id);
    }

    private static Task NoIncidentAsync(HttpContext context, string id) => AdminResponse.ProblemAsync(
        context,
        StatusCodes.Status404NotFound,
        $"No incident '{id}'",
        "An id that GET /api/incidents lists");

    private static string Id(HttpContext context) => context.GetRouteValue("id") as string ?? "";
}
