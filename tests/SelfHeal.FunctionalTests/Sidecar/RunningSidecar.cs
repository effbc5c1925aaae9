using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using SelfHeal.Grpc;
using SelfHeal.Sidecar.Composition;
using SelfHeal.Sidecar.Config;
using SelfHeal.Sidecar.Hosting;
using SelfHeal.Sidecar.Xds;
using SelfHeal.Xds.Resources;
using SelfHeal.Xds.Snapshots;

namespace SelfHeal.FunctionalTests.Sidecar;

/// <summary>
/// The whole product in this process, on ports that the system chooses and in a directory of its own. It is handed its
/// snapshots; its directory of resources stays empty, and so nothing of it is served.
/// </summary>
internal sealed class RunningSidecar : IAsyncDisposable
{
    private RunningSidecar(SelfHealHost host, string directory, LogCollector logs)
    {
        Host = host;
        Directory = directory;
        Logs = logs;
    }

    public SelfHealHost Host { get; }

    public string Directory { get; }

    public LogCollector Logs { get; }

    public StreamHub Hub => Host.Services.GetRequiredService<StreamHub>();

    public ProxyRegistry Registry => Host.Services.GetRequiredService<ProxyRegistry>();

    public static ListenAddress Loopback => new ListenAddress.Tcp(IPAddress.Loopback, 0);

    /// <summary>Starts it.</summary>
    /// <param name="configure">Makes the xDS section; told the directory of resources. Null: the defaults.</param>
    public static async Task<RunningSidecar> StartAsync(Func<string, XdsOptions>? configure = null)
    {
        var directory = System.IO.Directory.CreateTempSubdirectory("selfheal-running-").FullName;
        var resources = System.IO.Directory.CreateDirectory(Path.Combine(directory, "resources")).FullName;
        var options = new SelfHealOptions
        {
            Xds = configure?.Invoke(resources) ?? new XdsOptions { Listen = Loopback, Resources = resources },
            Admin = new AdminOptions { Listen = Loopback },
            State = new StateOptions { Directory = Path.Combine(directory, "state") },
        };
        var logs = new LogCollector { KeepsAll = true };
        var composition = await SidecarParts.Create().ComposeAsync(
            options, TimeProvider.System, CancellationToken.None);
        var host = SelfHealHost.Build(
            options,
            composition,
            logging => logging.SetMinimumLevel(LogLevel.Trace).AddProvider(logs),
            TimeProvider.System);
        await host.StartAsync([], CancellationToken.None).DefaultTimeout();
        return new RunningSidecar(host, directory, logs);
    }

    /// <summary>Serves resources, whatever they refer to.</summary>
    public void Publish(params XdsResource[] resources)
    {
        var options = new SnapshotValidatorOptions { CheckReferences = false };
        var validation = new SnapshotValidator(options).Validate(Snapshot.Create(resources));
        Assert.That(validation.Errors, Is.Empty);
        Hub.Publish(validation.Snapshot ?? throw new AssertionException("the snapshot is not valid"));
    }

    public GrpcChannel Connect(GrpcChannelOptions? options = null) =>
        new(TimeProvider.System, $"http://{Host.XdsAddress}", options);

    public HttpClient CreateAdminClient() => new() { BaseAddress = new Uri($"http://{Host.AdminAddress}") };

    public async ValueTask DisposeAsync()
    {
        await Host.DisposeAsync().DefaultTimeout();
        Logs.Dispose();
        System.IO.Directory.Delete(Directory, recursive: true);
    }
}
