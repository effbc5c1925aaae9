using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using SelfHeal.Grpc;

namespace SelfHeal.FunctionalTests.Grpc;

/// <summary>A real Kestrel on a loopback port that the system chose.</summary>
internal sealed class GrpcTestServer : IAsyncDisposable
{
    private readonly WebApplication _app;

    private GrpcTestServer(WebApplication app, GrpcHealth health)
    {
        _app = app;
        Health = health;
    }

    public GrpcHealth Health { get; }

    public int Port { get; private set; }

    public string Address => $"127.0.0.1:{Port}";

    public static async Task<GrpcTestServer> StartAsync(
        LogCollector logs, Action<KestrelServerOptions>? kestrel = null, params GrpcService[] services)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders().AddProvider(logs);
        builder.WebHost.ConfigureKestrel(options =>
        {
            options.ConfigureGrpcLimits();
            if (kestrel is null)
                options.ListenGrpc(new GrpcEndpointOptions { Address = new IPEndPoint(IPAddress.Loopback, 0) });
            else
                kestrel(options);
        });
        builder.WebHost.UseShutdownTimeout(TimeSpan.FromSeconds(5));
        var app = builder.Build();
        var health = new GrpcHealth();
        var reflection = new GrpcReflection(
            [EchoService.Name, "grpc.health.v1.Health"],
            [SelfHeal.Grpc.Health.V1.HealthReflection.Descriptor]);
        var own = services.Any(s => s.Name is EchoService.Name) ? services : [EchoService.Create(), .. services];
        app.MapGrpc([.. own, health.CreateService(), .. reflection.CreateServices()]);
        await app.StartAsync().DefaultTimeout();
        var server = new GrpcTestServer(app, health);
        var address = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses
            .First();
        if (Uri.TryCreate(address, UriKind.Absolute, out var uri))
            server.Port = uri.Port;
        return server;
    }

    public Task StopAsync() => _app.StopAsync();

    public GrpcChannel Connect(GrpcChannelOptions? options = null) =>
        new(TimeProvider.System, $"http://{Address}", options);

    public async ValueTask DisposeAsync() => await _app.DisposeAsync().DefaultTimeout();
}
