using System.Globalization;
using System.Text.Json;
using SelfHeal.Core.Time;
using SelfHeal.FunctionalTests.EndToEnd;
using SelfHeal.FunctionalTests.Lab;
using SelfHeal.FunctionalTests.Lab.Processes;
using SelfHeal.Lab.Load;
using SelfHeal.Lab.Mesh;
using SelfHeal.Lab.Processes;
using SelfHeal.Lab.Upstream;
using SelfHeal.Sidecar.Demo;

namespace SelfHeal.FunctionalTests.Delegation;

/// <summary>
/// A bad canary in a real mesh, under load: the <c>selfheal</c> executable in delegate mode, a real Envoy from the
/// sample bootstrap, which falls back on Istiod, and an overlay of the control loop in force.
/// </summary>
internal sealed class MeshIncident : IAsyncDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("sh-mesh-incident-");
    private readonly MeshProcess _mesh;
    private readonly LabPorts _ports;
    private readonly string _binary = PeerRequirement.Needs(EnvoyBinary.Find(), "an Envoy (ENVOY_BIN or PATH)");
    private readonly UpstreamServer _stable;
    private EnvoyProcess? _envoy;
    private LoadGenerator? _load;

    private MeshIncident(MeshProcess mesh)
    {
        _mesh = mesh;
        _ports = LabPorts.Free() with { Istiod = int.Parse(mesh.XdsPort, CultureInfo.InvariantCulture) };
        _stable = new UpstreamServer("v1", _ports.Stable, new SeededRandomSource(1), TimeProvider.System);
        CanaryUpstream = new UpstreamServer("v2", _ports.Canary, new SeededRandomSource(2), TimeProvider.System);
        Serve = new ServeProcess(_directory.FullName);
        Admin = new AdminReader(_ports.SelfHealAdmin);
    }

    public ServeProcess Serve { get; }

    public AdminReader Admin { get; }

    public UpstreamServer CanaryUpstream { get; }

    public EnvoyProcess Envoy => _envoy ?? throw new InvalidOperationException("not started");

    public LoadGenerator Load => _load ?? throw new InvalidOperationException("not started");

    /// <summary>Starts everything, breaks the canary and waits until all traffic is away from it.</summary>
    /// <param name="mesh">Istiod and the API server.</param>
    /// <param name="checks">How many failed health checks in a row end the grace; null: as in the sample.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public static async Task<MeshIncident> StartAsync(
        MeshProcess mesh, int? checks, CancellationToken cancellationToken)
    {
        var incident = new MeshIncident(mesh);
        try
        {
            await incident.StartAsync(checks, cancellationToken);
            return incident;
        }
        catch
        {
            await incident.DisposeAsync();
            throw;
        }
    }

    /// <summary>Starts another Envoy of the same gateway.</summary>
    public EnvoyProcess StartAnother()
    {
        var ports = _ports with { EnvoyAdmin = LabPorts.Free().EnvoyAdmin };
        return Start("other", ports);
    }

    /// <summary>Waits until an Envoy holds these weights.</summary>
    public static Task HoldsAsync(
        EnvoyProcess envoy, uint stable, uint canary, CancellationToken cancellationToken) => Eventually.HoldsAsync(
        async () => await MeshGateway.WeightsAsync(envoy, cancellationToken) == (stable, canary),
        $"Envoy holds {stable} to {canary}",
        MeshGateway.Patience);

    /// <summary>Waits until the Envoy is with the product and has accepted the newest of all types.</summary>
    public Task SyncedAsync(CancellationToken cancellationToken) => Eventually.HoldsAsync(
        async () =>
        {
            using var proxies = JsonDocument.Parse(await Admin.GetAsync("/api/proxies", cancellationToken));
            var types = proxies.RootElement.EnumerateArray()
                .Where(static proxy => proxy.GetProperty("node").ValueEquals(MeshBootstrap.NodeId))
                .SelectMany(static proxy => proxy.GetProperty("types").EnumerateArray())
                .ToList();
            // Clusters, endpoints, listeners, routes and our runtime layer.
            return types.Count == 5 && types.TrueForAll(static type => type.GetProperty("state").ValueEquals("synced"));
        },
        "the Envoy holds the newest of all types",
        MeshGateway.Patience);

    /// <summary>Waits for so many more answers.</summary>
    public Task AnswersAsync(int more)
    {
        var before = Answered();
        return Eventually.HoldsAsync(
            () => Task.FromResult(Answered() >= before + more), $"{more} answers", MeshGateway.Patience);

        long Answered() => Load.Snapshot().Versions.Sum(static version => version.Completed);
    }

    public async ValueTask DisposeAsync()
    {
        if (_load is not null)
            await _load.DisposeAsync();
        if (_envoy is not null)
            await _envoy.DisposeAsync();
        await Serve.DisposeAsync();
        await _stable.DisposeAsync();
        await CanaryUpstream.DisposeAsync();
        Admin.Dispose();
        if (TestContext.CurrentContext.Result.FailCount > 0)
            TestContext.Out.WriteLine($"log of selfheal serve:\n{Serve.ReadLog()}");
        _directory.Delete(recursive: true);
    }

    private async Task StartAsync(int? checks, CancellationToken cancellationToken)
    {
        await _stable.StartAsync(cancellationToken);
        await CanaryUpstream.StartAsync(cancellationToken);
        await _mesh.ApplyAsync(
            $"{IstioSplit.Surroundings(_ports)}\n---\n{IstioSplit.VirtualService(90, 10)}", cancellationToken);
        var demo = new DemoOptions { Flush = TimeSpan.FromSeconds(1), ContractWindow = TimeSpan.FromSeconds(10) };
        var source = DemoConfig.FromMesh(new MeshAddresses("127.0.0.1", _ports.Istiod, null, ""));
        var state = Path.Combine(_directory.FullName, "state");
        await File.WriteAllTextAsync(
            Serve.ConfigFile,
            $"{DemoConfig.Render(demo, _ports, source, state)}logging: {{format: json}}\n",
            cancellationToken);
        Serve.Start();
        await Serve.WaitReadyAsync(Admin.Address, cancellationToken);
        SampleConfigs.Write(_directory.FullName, _ports, demo.Flush);
        if (checks is { } threshold)
            Shorten(threshold);
        _envoy = Start("envoy", _ports);
        await _envoy.WaitReadyAsync(MeshGateway.Patience, cancellationToken);
        await HoldsAsync(_envoy, 90, 10, cancellationToken);
        _load = new LoadGenerator(
            _envoy.Listener, new LoadOptions { Host = IstioSplit.Host }, TimeProvider.System);
        _load.Start();
        await Admin.FlushesAsync(4, cancellationToken);
        CanaryUpstream.Faults.Set(FaultPlan.Failing(300));
        await Admin.EventAsync("verifying", cancellationToken);
        await HoldsAsync(_envoy, 100, 0, cancellationToken);
    }

    /// <summary>The grace and the way back in seconds instead of minutes.</summary>
    private void Shorten(int checks)
    {
        var path = Path.Combine(_directory.FullName, SampleConfigs.IstioBootstrap);
        var text = File.ReadAllText(path);
        var shorter = text
            .Replace("unhealthy_threshold: 30", $"unhealthy_threshold: {checks}", StringComparison.Ordinal)
            .Replace("max_stream_duration: 300s", "max_stream_duration: 4s", StringComparison.Ordinal);
        Assert.That(shorter, Has.Length.LessThan(text.Length), "the sample has both numbers");
        File.WriteAllText(path, shorter);
    }

    private EnvoyProcess Start(string name, LabPorts ports)
    {
        var path = Path.Combine(_directory.FullName, SampleConfigs.IstioBootstrap);
        if (ports.EnvoyAdmin != _ports.EnvoyAdmin)
        {
            var own = Path.Combine(_directory.FullName, $"{name}.yaml");
            File.WriteAllText(own, File.ReadAllText(path).Replace(
                $"port_value: {_ports.EnvoyAdmin}", $"port_value: {ports.EnvoyAdmin}", StringComparison.Ordinal));
            path = own;
        }

        var log = Path.Combine(_directory.FullName, $"{name}.log");
        return EnvoyProcess.Start(_binary, path, ports, log, TimeProvider.System);
    }
}
