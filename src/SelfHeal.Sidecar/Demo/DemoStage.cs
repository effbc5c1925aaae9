using System.Globalization;
using SelfHeal.Core.Time;
using SelfHeal.Lab;
using SelfHeal.Lab.DataPlane;
using SelfHeal.Lab.Load;
using SelfHeal.Lab.Mesh;
using SelfHeal.Lab.Processes;
using SelfHeal.Lab.Scenarios;
using SelfHeal.Lab.Upstream;

namespace SelfHeal.Sidecar.Demo;

/// <summary>
/// Everything that one run needs, on free loopback ports and in a directory of its own: two upstream versions, a real
/// <c>selfheal serve</c>, a data plane, load through it, and the fault that waits for its moment.
/// </summary>
internal sealed class DemoStage : IAsyncDisposable
{
    private static readonly TimeSpan StartTimeout = TimeSpan.FromSeconds(60);

    private readonly Stack<IAsyncDisposable> _started = new();
    private readonly DemoOptions _options;
    private readonly ulong _seed;
    private readonly TimeProvider _time;
    private IDataPlane? _dataPlane;
    private LoadGenerator? _load;

    private DemoStage(DemoOptions options, MeshAddresses? mesh, ulong seed, TimeProvider time)
    {
        (_options, _seed, _time) = (options, seed, time);
        Ports = mesh is null ? LabPorts.Free() : LabPorts.Free() with { Istiod = mesh.XdsPort };
        Directory = System.IO.Directory.CreateTempSubdirectory("selfheal-demo-").FullName;
        Service = DemoService.Of(options.Mode, Ports);
        Mesh = mesh is null ? null : new DemoMesh(mesh, Ports, Directory, time);
        Stable = new UpstreamServer("v1", Ports.Stable, new SeededRandomSource(seed + 1), time);
        Canary = new UpstreamServer("v2", Ports.Canary, new SeededRandomSource(seed + 2), time);
        Fault = new FaultInjection(options.Scenario, Stable, Canary, time);
        SelfHeal = Prepare();
        Admin = new DemoAdmin(SelfHeal.Admin);
    }

    /// <summary>Where configuration, state and logs are.</summary>
    public string Directory { get; }

    public LabPorts Ports { get; }

    public DemoService Service { get; }

    /// <summary>The mesh that the configuration comes from; null when it is SelfHeal's own.</summary>
    public DemoMesh? Mesh { get; }

    public SelfHealProcess SelfHeal { get; }

    public DemoAdmin Admin { get; }

    public UpstreamServer Stable { get; }

    public UpstreamServer Canary { get; }

    public FaultInjection Fault { get; }

    public IDataPlane DataPlane => _dataPlane ?? throw new InvalidOperationException("the data plane is not started");

    public LoadGenerator Load => _load ?? throw new InvalidOperationException("the load is not prepared");

    /// <summary>Whether the directory is kept for a look at what went wrong. Default: false.</summary>
    public bool KeepDirectory { get; set; }

    /// <summary>Starts everything but the load and the fault.</summary>
    /// <param name="options">What was asked for.</param>
    /// <param name="mesh">Where the configuration comes from; null in standalone mode.</param>
    /// <param name="seed">Decides which requests fail.</param>
    /// <param name="say">Told what is started.</param>
    /// <param name="time">The clock.</param>
    /// <param name="cancellationToken">Gives up; what was started is ended.</param>
    public static async Task<DemoStage> StartAsync(
        DemoOptions options,
        MeshAddresses? mesh,
        ulong seed,
        Action<string> say,
        TimeProvider time,
        CancellationToken cancellationToken)
    {
        var stage = new DemoStage(options, mesh, seed, time);
        try
        {
            await stage.StartAsync(say, cancellationToken);
            return stage;
        }
        catch
        {
            // The end of a log that says why is in the exception already.
            await stage.DisposeAsync();
            throw;
        }
    }

    /// <summary>The digest of the split's routes as the data plane holds them now.</summary>
    public Task<string?> DigestAsync(CancellationToken cancellationToken) =>
        DataPlane.RouteDigestAsync(Service.RouteConfiguration, cancellationToken);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        // In the opposite order: the load first, so that nothing fails because its target went away.
        while (_started.TryPop(out var part))
            await part.DisposeAsync();
        Admin.Dispose();
        if (!KeepDirectory)
            System.IO.Directory.Delete(Directory, recursive: true);
    }

    private async Task StartAsync(Action<string> say, CancellationToken cancellationToken)
    {
        _started.Push(Stable);
        _started.Push(Canary);
        await Stable.StartAsync(cancellationToken);
        await Canary.StartAsync(cancellationToken);
        say($"payments v1 listens on {Stable.Address}, v2 (the canary) on {Canary.Address}");
        if (Mesh is not null)
        {
            _started.Push(Mesh);
            await Mesh.DeclareAsync(cancellationToken);
            say($"a VirtualService splits them 90 to 10; Istiod at {Mesh.Addresses.Xds} serves it");
        }

        _started.Push(SelfHeal);
        await SelfHeal.StartAsync(StartTimeout, cancellationToken);
        say($"selfheal serve is ready: xDS and stats on port {Ports.Xds}, HTTP API at {SelfHeal.Admin}");
        _dataPlane = StartDataPlane();
        _started.Push(_dataPlane);
        await _dataPlane.WaitReadyAsync(StartTimeout, cancellationToken);
        if (Mesh is not null)
            await Mesh.WaitServedAsync(this, StartTimeout, cancellationToken);
        say($"data plane: {_dataPlane.Description}; it has its configuration from {Source} over ADS");
        _load = new LoadGenerator(_dataPlane.Listener, LoadOf(), _time);
        _started.Push(Fault);
        _started.Push(_load);
    }

    private string Source => Mesh is null ? "SelfHeal" : "Istiod through SelfHeal";

    private LoadOptions LoadOf() => new()
    {
        MaxDuration = DemoTiming.MaxRun(_options) + TimeSpan.FromMinutes(1),
        Host = Service.Host,
    };

    private SelfHealProcess Prepare()
    {
        SampleConfigs.Write(Directory, Ports, _options.Flush);
        var config = Path.Combine(Directory, "selfheal.yaml");
        var source = Mesh is null
            ? DemoConfig.FromFiles(Path.Combine(Directory, SampleConfigs.Resources))
            : DemoConfig.FromMesh(Mesh.Addresses);
        File.WriteAllText(config, DemoConfig.Render(_options, Ports, source, Path.Combine(Directory, "state")));
        return new SelfHealProcess(
            SelfHealProgram.Current(), config, Ports.SelfHealAdmin, Path.Combine(Directory, "selfheal.log"), _time);
    }

    private IDataPlane StartDataPlane()
    {
        if (!_options.Model && EnvoyBinary.Find() is { } binary)
            return EnvoyProcess.Start(binary, Bootstrap(), Ports, Path.Combine(Directory, "envoy.log"), _time);
        if (Mesh is not null)
            throw new LabException($"what Istiod serves needs a real Envoy. {EnvoyBinary.HowToGet}");
        var model = new ModelEnvoy(
            new ModelEnvoyOptions
            {
                AdsAddress = new UriBuilder("http", "127.0.0.1", Ports.Xds).Uri,
                FlushInterval = _options.Flush,
                Seed = _seed + 3,
            },
            _time);
        model.Start();
        return model;
    }

    private string Bootstrap()
    {
        if (Mesh is null)
            return Path.Combine(Directory, SampleConfigs.Bootstrap);

        // The ports are in it already; an Istiod that was named by its host is not on loopback.
        var path = Path.Combine(Directory, SampleConfigs.IstioBootstrap);
        var port = string.Create(CultureInfo.InvariantCulture, $", port_value: {Mesh.Addresses.XdsPort} }}");
        var text = File.ReadAllText(path).Replace(
            $"address: 127.0.0.1{port}", $"address: {Mesh.Addresses.XdsHost}{port}", StringComparison.Ordinal);
        File.WriteAllText(path, text);
        return path;
    }
}
