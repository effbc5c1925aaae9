using System.Diagnostics.Metrics;
using System.Net;
using System.Text;
using Envoy.Service.Discovery.V3;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Logging;
using SelfHeal.Sidecar.Admin;
using SelfHeal.Sidecar.Security;
using SelfHeal.Xds.Resources;

namespace SelfHeal.Sidecar.Xds.Rest;

/// <summary>
/// The REST variant of xDS (XP "REST-JSON polling subscriptions"): <c>POST /v3/discovery:clusters</c> and its like. A
/// fetch has no state here: what the client has is what its request says.
/// </summary>
internal sealed partial class RestDiscovery
{
    // A request is a node and a list of names: 100,000 names of 40 characters. More is refused before it is kept.
    private const int RequestBytesMax = 4 * 1024 * 1024;

    private readonly StreamAdmission _admission;
    private readonly StreamHub _hub;
    private readonly ProxyRegistry _registry;
    private readonly ILogger<RestDiscovery> _logger;
    private readonly Counter<long> _fetches;

    /// <summary>Made once.</summary>
    /// <param name="admission">Who may ask for what.</param>
    /// <param name="hub">What is served.</param>
    /// <param name="registry">Names this process to clients.</param>
    /// <param name="meters">Where fetches are counted.</param>
    /// <param name="logger">Where they are logged.</param>
    public RestDiscovery(
        StreamAdmission admission,
        StreamHub hub,
        ProxyRegistry registry,
        IMeterFactory meters,
        ILogger<RestDiscovery> logger)
    {
        _admission = admission;
        _hub = hub;
        _registry = registry;
        _logger = logger;
        _fetches = meters.Create("SelfHeal.Xds.Rest").CreateCounter<long>(
            "selfheal.xds.rest.fetches", description: "xDS fetches over REST, by the status of their answer");
    }

    /// <summary>Maps every path of the API.</summary>
    /// <param name="routes">The REST listener's routes.</param>
    public void Map(IEndpointRouteBuilder routes)
    {
        ArgumentNullException.ThrowIfNull(routes);
        var paths = new List<string>();
        foreach (var service in TypedService.All)
        {
            if (service.RestCollection is not { } collection)
                continue;
            var path = $"/v3/discovery:{collection}";
            paths.Add(path);
            routes.MapPost(path, context => FetchAsync(context, service));
            routes.Map(path, context =>
            {
                context.Response.Headers.Allow = "POST";
                return AdminResponse.ProblemAsync(
                    context,
                    StatusCodes.Status405MethodNotAllowed,
                    $"{context.Request.Method} is not allowed on {path}",
                    "POST with a DiscoveryRequest as JSON");
            });
        }

        var known = $"POST to {string.Join(", ", paths)}";
        routes.Map("/{**path}", context => AdminResponse.ProblemAsync(
            context, StatusCodes.Status404NotFound, $"No such path: {context.Request.Path}", known));
    }

    private async Task FetchAsync(HttpContext context, TypedService service)
    {
        var body = await ReadBodyAsync(context);
        if (body is null)
        {
            await RefuseAsync(
                context,
                service,
                StatusCodes.Status413PayloadTooLarge,
                "the request is too large",
                $"at most {RequestBytesMax} bytes");
            return;
        }

        if (RestJson.ReadRequest(body, out var problem) is not { } request)
        {
            await RefuseAsync(
                context,
                service,
                StatusCodes.Status400BadRequest,
                $"the request cannot be read: {problem}",
                "a DiscoveryRequest as JSON");
            return;
        }

        await AnswerAsync(context, service, request);
    }

    private async Task AnswerAsync(HttpContext context, TypedService service, DiscoveryRequest request)
    {
        if (string.IsNullOrEmpty(request.Node?.Id))
        {
            await RefuseAsync(
                context,
                service,
                StatusCodes.Status400BadRequest,
                "the request has no node.id",
                "the client's node in every request: a fetch has no stream that could remember it");
            return;
        }

        if (request.TypeUrl.Length > 0 && request.TypeUrl != service.TypeUrl)
        {
            await RefuseAsync(
                context,
                service,
                StatusCodes.Status400BadRequest,
                $"type_url is {request.TypeUrl}",
                $"{service.TypeUrl}, or none");
            return;
        }

        await ServeAsync(context, service, request);
    }

    private async Task ServeAsync(HttpContext context, TypedService service, DiscoveryRequest request)
    {
        var verdict = GuardOf(context).Check(
            request.Node, service.TypeUrl, request.ResourceNames, leavesNames: false);
        if (verdict != AccessVerdict.Allowed)
        {
            await RefuseAsync(
                context,
                service,
                StatusCodes.Status403Forbidden,
                verdict == AccessVerdict.NotThisNode
                    ? "this client may not be the node that it says it is"
                    : "this node may not ask for this type",
                "what a rule of xds.authorisation allows");
            return;
        }

        var (slot, problem) = _hub.For(request.Node);
        if (slot?.Snapshot is not { } snapshot)
        {
            await RefuseAsync(
                context,
                service,
                StatusCodes.Status503ServiceUnavailable,
                problem.Length > 0 ? problem : "nothing is served yet",
                "resources that were accepted; the log says what keeps them");
            return;
        }

        var answer = RestAnswer.Of(snapshot.Get(service.TypeUrl), request.ResourceNames);
        if (request.VersionInfo == answer.Version)
        {
            // Envoy's fetcher takes 304 for success without news.
            context.Response.StatusCode = StatusCodes.Status304NotModified;
            Count(service, request.Node.Id, StatusCodes.Status304NotModified);
            return;
        }

        await WriteAsync(context, service, request.Node.Id, answer);
    }

    private StreamGuard GuardOf(HttpContext context)
    {
        var connection = context.Connection;
        var address = connection.RemoteIpAddress is { } ip
            ? new IPEndPoint(ip, connection.RemotePort).ToString()
            : "unix";
        return _admission.Guard(PeerIdentity.Of(address, connection.ClientCertificate));
    }

    private async Task WriteAsync(HttpContext context, TypedService service, string node, RestAnswer answer)
    {
        if (RestJson.WriteResponse(service.TypeUrl, answer, _registry.ProcessId, out var unknown) is not { } body)
        {
            await RefuseAsync(
                context,
                service,
                StatusCodes.Status501NotImplemented,
                $"{unknown?.Name} is of a type, or holds an Any of a type, that is not known here",
                "types of the API, which JSON can hold; over gRPC it is served as it is");
            return;
        }

        Count(service, node, StatusCodes.Status200OK);
        await AdminResponse.BytesAsync(context, body, AdminResponse.JsonType);
    }

    private Task RefuseAsync(HttpContext context, TypedService service, int status, string what, string expected)
    {
        LogRefused(_logger, TypeUrl.FullName(service.TypeUrl), status, what);
        _fetches.Add(1, Tags(service, status));
        return AdminResponse.ProblemAsync(context, status, what, expected);
    }

    private void Count(TypedService service, string node, int status)
    {
        LogFetched(_logger, node, TypeUrl.FullName(service.TypeUrl), status);
        _fetches.Add(1, Tags(service, status));
    }

    private static KeyValuePair<string, object?>[] Tags(TypedService service, int status) =>
        [new("type", TypeUrl.FullName(service.TypeUrl)), new("status", status)];

    /// <returns>Null when it is too large.</returns>
    private static async Task<string?> ReadBodyAsync(HttpContext context)
    {
        using var kept = new MemoryStream();
        var chunk = new byte[16 * 1024];
        while (true)
        {
            var count = await context.Request.Body.ReadAsync(chunk, context.RequestAborted);
            if (count == 0)
                return Encoding.UTF8.GetString(kept.GetBuffer(), 0, (int)kept.Length);
            if (kept.Length + count > RequestBytesMax)
                return null;
            kept.Write(chunk, 0, count);
        }
    }
}
