using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace SelfHeal.Sidecar.Hosting;

/// <summary>What the composition root puts into the host.</summary>
/// <param name="ConfigureServices">Registers an <see cref="Admin.IIncidentBoard"/> and an
/// <see cref="Admin.IGatewayBoard"/>, and whatever runs beside them. The options are registered already.</param>
/// <param name="MapGrpc">Maps the gRPC services; they are reachable through the gRPC listener only.</param>
internal sealed record HostComposition(
    Action<IServiceCollection> ConfigureServices,
    Action<IEndpointRouteBuilder> MapGrpc)
{
    /// <summary>Maps xDS fetches; they are reachable through the REST listener only. Default: none.</summary>
    public Action<IEndpointRouteBuilder> MapRest { get; init; } = static _ => { };
}
