using System.Diagnostics.Metrics;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace SelfHeal.Grpc;

/// <summary>Maps gRPC services to endpoints.</summary>
public static class GrpcEndpointRouteBuilderExtensions
{
    /// <summary>
    /// Maps services, and every POST path that nothing else has: a call to it is answered with UNIMPLEMENTED. Takes
    /// from the services, where they are there, <see cref="TimeProvider"/>, <see cref="GrpcShutdown"/> and
    /// <see cref="IMeterFactory"/>.
    /// </summary>
    /// <param name="endpoints">Where to map.</param>
    /// <param name="services">The services; methods added to one of them later are not mapped.</param>
    /// <returns>For conventions on all of them, such as the host they are bound to.</returns>
    public static IEndpointConventionBuilder MapGrpc(
        this IEndpointRouteBuilder endpoints, params GrpcService[] services)
    {
        ArgumentNullException.ThrowIfNull(endpoints);
        ArgumentNullException.ThrowIfNull(services);
        var provider = endpoints.ServiceProvider;
        var server = new GrpcServer(
            provider.GetService<TimeProvider>() ?? TimeProvider.System,
            provider.GetRequiredService<ILogger<GrpcServer>>(),
            new GrpcMetrics(provider.GetService<IMeterFactory>()),
            provider.GetService<GrpcShutdown>() ?? new GrpcShutdown(provider.GetService<IHostApplicationLifetime>()));
        // Each further group of services has a later fallback, so that two of them are never ambiguous.
        var fallbackOrder = int.MaxValue - 1024 + Math.Min(endpoints.DataSources.Count, 1000);
        var group = endpoints.MapGroup("");
        foreach (var method in services.SelectMany(s => s.Methods))
            group.MapPost(method.Path, (RequestDelegate)(http => server.InvokeAsync(http, method)))
                .WithDisplayName($"gRPC {method.Path}");
        group.MapPost("/{**path}", (RequestDelegate)server.InvokeUnknownAsync)
            .WithDisplayName("gRPC unknown method")
            .WithOrder(fallbackOrder);
        return group;
    }
}
