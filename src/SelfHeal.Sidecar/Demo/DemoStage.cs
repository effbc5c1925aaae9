using SelfHeal.Core.Time;
using SelfHeal.Lab.DataPlane;
using SelfHeal.Lab.Load;
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

    private DemoStage(string directory, LabPorts ports, SelfHealProcess selfHeal)
    {
        Directory = directory;
        SelfHeal = selfHeal;
        Ports = ports;
        Admin = new DemoAdmin(selfHeal.Admin);
    }

    /// <summary>Where configuration, state and logs are.</summary>
    public string Directory { get; }

    public LabPorts Ports { get; }

    public SelfHealProcess SelfHeal { get; }

    public DemoAdmin Admin { get; }

    public required UpstreamServer Stable { get; init; }

    public required UpstreamServer Canary { get; init; }

    public required FaultInjection Fault { get; init; }

    public required IDataPlane DataPlane { get; init; }

    public required LoadGenerator Load { get; init; }

    /// <summary>Whether the directory is kept for a look at what went wrong. Default: false.</summary>
    public bool KeepDirectory { get; set; }

    /// <summary>Starts everything but the load and the fault.</summary>
    /// <param name="options">What was asked for.</param>
    /// <param name="seed">Decides which requests fail.</param>
    /// <param name="say">Told what is started.</param>
    /// <param name="time">The clock.</param>
    /// <param name="cancellationToken">Gives up; what was started is ended.</param>
    public static async Task<DemoStage> StartAsync(
        DemoOptions options, ulong seed, Action<string> say, TimeProvider time, CancellationToken cancellationToken)
    {
        var ports = LabPorts.Free();
        var directory = System.IO.Directory.CreateTempSubdirectory("selfheal-demo-").FullName;
        var stable = new UpstreamServer("v1", ports.Stable, new SeededRandomSource(seed + 1), time);
        var canary = new UpstreamServer("v2", ports.Canary, new SeededRandomSource(seed + 2), time);
        var selfHeal = Prepare(options, ports, directory, time);
        IDataPlane? dataPlane = null;
        try
        {
            await stable.StartAsync(cancellationToken);
            await canary.StartAsync(cancellationToken);
            say($"payments v1 listens on {stable.Address}, v2 (the canary) on {canary.Address}");
            await selfHeal.StartAsync(StartTimeout, cancellationToken);
            say($"selfheal serve is ready: xDS and stats on port {ports.Xds}, HTTP API at {selfHeal.Admin}");
            dataPlane = StartDataPlane(options, seed, ports, directory, time);
            await dataPlane.WaitReadyAsync(StartTimeout, cancellationToken);
            say($"data plane: {dataPlane.Description}; it has its configuration from SelfHeal over ADS");
        }
        catch
        {
            // The end of a log that says why is in the exception already.
            if (dataPlane is not null)
                await dataPlane.DisposeAsync();
            await selfHeal.DisposeAsync();
            await stable.DisposeAsync();
            await canary.DisposeAsync();
            System.IO.Directory.Delete(directory, recursive: true);
            throw;
        }

        var load = new LoadGenerator(dataPlane.Listener, LoadOf(options), time);
        var fault = new FaultInjection(options.Scenario, stable, canary, time);
        var stage = new DemoStage(directory, ports, selfHeal)
        {
            Stable = stable,
            Canary = canary,
            Fault = fault,
            DataPlane = dataPlane,
            Load = load,
        };

        // Ended in the opposite order: the load first, so that nothing fails because its target went away.
        foreach (var part in (IAsyncDisposable[])[stable, canary, selfHeal, dataPlane, fault, load])
            stage._started.Push(part);
        return stage;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        while (_started.TryPop(out var part))
            await part.DisposeAsync();
        Admin.Dispose();
        if (!KeepDirectory)
            System.IO.Directory.Delete(Directory, recursive: true);
    }

    private static LoadOptions LoadOf(DemoOptions options) =>
        new() { MaxDuration = DemoTiming.MaxRun(options) + TimeSpan.FromMinutes(1) };

    private static SelfHealProcess Prepare(DemoOptions options, LabPorts ports, string directory, TimeProvider time)
    {
        SampleConfigs.Write(directory, ports, options.Flush);
        var config = Path.Combine(directory, "selfheal.yaml");
        var resources = Path.Combine(directory, SampleConfigs.Resources);
        File.WriteAllText(config, DemoConfig.Render(options, ports, resources, Path.Combine(directory, "state")));
        return new SelfHealProcess(
            SelfHealProgram.Current(), config, ports.SelfHealAdmin, Path.Combine(directory, "selfheal.log"), time);
    }

    private static IDataPlane StartDataPlane(
        DemoOptions options, ulong seed, LabPorts ports, string directory, TimeProvider time)
    {
        if (!options.Model && EnvoyBinary.Find() is { } binary)
        {
            var bootstrap = Path.Combine(directory, SampleConfigs.Bootstrap);
            return EnvoyProcess.Start(binary, bootstrap, ports, Path.Combine(directory, "envoy.log"), time);
        }

        var model = new ModelEnvoy(
            new ModelEnvoyOptions
            {
                AdsAddress = new UriBuilder("http", "127.0.0.1", ports.Xds).Uri,
                FlushInterval = options.Flush,
                Seed = seed + 3,
            },
            time);
        model.Start();
        return model;
    }
}
