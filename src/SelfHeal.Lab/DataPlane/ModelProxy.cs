using System.Collections.Concurrent;
using Envoy.Config.Cluster.V3;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Extensions;
using Microsoft.AspNetCore.Http.Features;
using SelfHeal.Core.Time;

namespace SelfHeal.Lab.DataPlane;

/// <summary>Carries one request from the listener to an endpoint and its answer back, and counts both.</summary>
internal sealed class ModelProxy(ModelResources resources, ModelStats stats, IRandomSource random) : IDisposable
{
    /// <summary>Headers of one connection, which must not travel to the next (RFC 9110, section 7.6.1).</summary>
    private static readonly HashSet<string> HopByHop = new(StringComparer.OrdinalIgnoreCase)
    {
        "Connection", "Keep-Alive", "Proxy-Connection", "TE", "Trailer", "Transfer-Encoding", "Upgrade", "Host",
    };

    private readonly ModelRouter _router = new(random);

    /// <summary>
    /// Bounded by the clusters that CDS names; one that is gone keeps its idle pool until the model ends.
    /// </summary>
    private readonly ConcurrentDictionary<string, ModelCluster> _clusters = new(StringComparer.Ordinal);

    /// <summary>Answers one request that came in at a listener.</summary>
    public async Task HandleAsync(ModelHttpListener listener, HttpContext context)
    {
        stats.RequestStarted(listener.StatPrefix);
        try
        {
            await RouteAsync(listener, context);
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            // The client went away; there is nobody to answer.
        }
        finally
        {
            stats.RequestEnded(listener.StatPrefix, context.Response.StatusCode);
        }
    }

    public void Dispose()
    {
        foreach (var cluster in _clusters.Values)
            cluster.Dispose();
    }

    private async Task RouteAsync(ModelHttpListener listener, HttpContext context)
    {
        var held = resources.Current;
        var routes = held.Routes(listener);
        var path = context.Request.Path.Value ?? "/";
        var name = routes is null ? null : _router.Route(routes, context.Request.Host.Value ?? string.Empty, path);
        if (name is null)
        {
            context.Response.StatusCode = StatusCodes.Status404NotFound;
            return;
        }

        if (held.Of(ModelResourceType.Cluster).GetValueOrDefault(name)?.Message is not Cluster cluster)
        {
            context.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
            return;
        }

        stats.UpstreamStarted(name);
        try
        {
            var pool = _clusters.GetOrAdd(name, static (key, counters) => new ModelCluster(key, counters), stats);
            var sent = pool.Next(held.Assignment(cluster)) is { } address
                && await ForwardAsync(pool, name, address, context);
            if (!sent)
            {
                stats.UpstreamCompleted(name, StatusCodes.Status503ServiceUnavailable);
                if (!context.Response.HasStarted)
                    context.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
            }
        }
        finally
        {
            stats.UpstreamEnded(name);
        }
    }

    /// <summary>False when the endpoint gave no answer.</summary>
    private async Task<bool> ForwardAsync(ModelCluster pool, string cluster, string address, HttpContext context)
    {
        using var request = Outgoing(address, context);
        HttpResponseMessage response;
        try
        {
            response = await pool.SendAsync(request, context.RequestAborted);
        }
        catch (HttpRequestException)
        {
            return false;
        }

        using (response)
        {
            stats.UpstreamCompleted(cluster, (int)response.StatusCode);
            context.Response.StatusCode = (int)response.StatusCode;
            var headers = response.Headers.NonValidated.Concat(response.Content.Headers.NonValidated);
            foreach (var (header, values) in headers)
            {
                if (!HopByHop.Contains(header))
                    context.Response.Headers[header] = values.ToArray();
            }

            await response.Content.CopyToAsync(context.Response.Body, context.RequestAborted);
            return true;
        }
    }

    private static HttpRequestMessage Outgoing(string address, HttpContext context)
    {
        var incoming = context.Request;
        var target = new Uri($"http://{address}{incoming.GetEncodedPathAndQuery()}");
        var request = new HttpRequestMessage(HttpMethod.Parse(incoming.Method), target);
        request.Headers.Host = incoming.Host.Value;
        if (context.Features.Get<IHttpRequestBodyDetectionFeature>()?.CanHaveBody == true)
            request.Content = new StreamContent(incoming.Body);
        foreach (var (header, values) in incoming.Headers)
        {
            if (HopByHop.Contains(header))
                continue;
            if (!request.Headers.TryAddWithoutValidation(header, (IEnumerable<string?>)values))
                request.Content?.Headers.TryAddWithoutValidation(header, (IEnumerable<string?>)values);
        }

        return request;
    }
}
