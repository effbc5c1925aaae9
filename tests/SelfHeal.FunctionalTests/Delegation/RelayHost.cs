using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using SelfHeal.Sidecar.Composition;
using SelfHeal.Sidecar.Config;
using SelfHeal.Sidecar.Delegation;
using SelfHeal.Sidecar.Hosting;
using SelfHeal.Sidecar.Judgement;
using SelfHeal.Sidecar.Overlays;

namespace SelfHeal.FunctionalTests.Delegation;

/// <summary>The whole product in delegate mode, in this process and on ports that the system chooses.</summary>
internal sealed class RelayHost : IAsyncDisposable
{
    private readonly SelfHealHost _host;

    private RelayHost(SelfHealHost host, LogCollector logs)
    {
        _host = host;
        Logs = logs;
    }

    public LogCollector Logs { get; }

    public string Address => $"http://{_host.XdsAddress}";

    public IOverlays Overlays => _host.Services.GetRequiredService<IOverlays>();

    public RelayHub Hub => _host.Services.GetRequiredService<RelayHub>();

    public ControlLoopService Judgement => _host.Services.GetRequiredService<ControlLoopService>();

    /// <summary>Starts it.</summary>
    /// <param name="upstream">Where to.</param>
    /// <param name="stateDirectory">What is kept; survives the host.</param>
    /// <param name="port">Where Envoys connect; 0: the system chooses.</param>
    public static async Task<RelayHost> StartAsync(UpstreamOptions upstream, string stateDirectory, int port = 0)
    {
        var options = new SelfHealOptions
        {
            Mode = OperatingMode.Delegate,
            Xds = new XdsOptions { Listen = new ListenAddress.Tcp(IPAddress.Loopback, port) },
            Upstream = upstream,
            Admin = new AdminOptions { Listen = new ListenAddress.Tcp(IPAddress.Loopback, 0) },
            State = new StateOptions { Directory = stateDirectory },
        };
        var logs = new LogCollector { KeepsAll = true };
        var composition = await SidecarParts.Create().ComposeAsync(
            options, TimeProvider.System, CancellationToken.None);
        var host = SelfHealHost.Build(
            options,
            composition,
            logging => logging.SetMinimumLevel(LogLevel.Debug).AddProvider(logs),
            TimeProvider.System);
        await host.StartAsync([], CancellationToken.None).DefaultTimeout();
        return new RelayHost(host, logs);
    }

    /// <summary>What the admin API says under a path.</summary>
    public async Task<string> AdminAsync(string path)
    {
        using var client = new HttpClient { BaseAddress = new Uri($"http://{_host.AdminAddress}") };
        using var response = await client.GetAsync(new Uri(path, UriKind.Relative)).DefaultTimeout();
        return await response.Content.ReadAsStringAsync().DefaultTimeout();
    }

    public async ValueTask DisposeAsync()
    {
        // As SIGTERM does it: what is to be kept is written.
        await _host.WaitForStopAsync(new CancellationToken(canceled: true)).DefaultTimeout();
        await _host.DisposeAsync().AsTask().DefaultTimeout();
        Logs.Dispose();
    }
}
