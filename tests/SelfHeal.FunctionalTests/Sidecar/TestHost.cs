using System.Net;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using SelfHeal.Sidecar.Admin;
using SelfHeal.Sidecar.Config;
using SelfHeal.Sidecar.Hosting;

namespace SelfHeal.FunctionalTests.Sidecar;

/// <summary>The host on ports that the system chooses.</summary>
internal sealed class TestHost : IAsyncDisposable
{
    private TestHost(SelfHealHost host, TestBoards boards)
    {
        Host = host;
        Boards = boards;
    }

    public SelfHealHost Host { get; }

    public TestBoards Boards { get; }

    public static async Task<TestHost> StartAsync(SelfHealOptions options, Action<IEndpointRouteBuilder> mapGrpc)
    {
        var boards = new TestBoards();
        var composition = new HostComposition(
            services =>
            {
                services.AddSingleton<IIncidentBoard>(boards);
                services.AddSingleton<IGatewayBoard>(boards);
                services.AddSingleton<IProxyBoard>(boards);
                services.AddSingleton<ITrafficBoard>(boards);
            },
            mapGrpc);
        var host = SelfHealHost.Build(options, composition, _ => { }, TimeProvider.System);
        await host.StartAsync([], CancellationToken.None).WaitAsync(TimeSpan.FromSeconds(30));
        return new TestHost(host, boards);
    }

    public static SelfHealOptions OptionsOnLoopback(XdsTlsOptions? tls = null) => new()
    {
        Xds = new XdsOptions { Listen = Loopback, Tls = tls },
        Admin = new AdminOptions { Listen = Loopback },
    };

    public HttpClient CreateAdminClient() => new() { BaseAddress = new Uri($"http://{Host.AdminAddress}") };

    public HttpClient CreateXdsClient() => new()
    {
        BaseAddress = new Uri($"http://{Host.XdsAddress}"),
        DefaultRequestVersion = HttpVersion.Version20,
        DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact,
    };

    public ValueTask DisposeAsync() => Host.DisposeAsync();

    private static ListenAddress Loopback => new ListenAddress.Tcp(IPAddress.Loopback, 0);
}
