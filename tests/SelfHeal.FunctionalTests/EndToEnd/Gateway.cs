using System.Diagnostics;
using SelfHeal.Core.Time;
using SelfHeal.FunctionalTests.Lab;
using SelfHeal.FunctionalTests.Lab.Processes;
using SelfHeal.Lab.DataPlane;
using SelfHeal.Lab.Load;
using SelfHeal.Lab.Processes;
using SelfHeal.Lab.Upstream;
using SelfHeal.Sidecar.Demo;

namespace SelfHeal.FunctionalTests.EndToEnd;

/// <summary>
/// A whole gateway on loopback, as a user has it: two upstream versions, the <c>selfheal</c> executable, a data plane
/// that is configured by it, and 200 requests per second through all of it.
/// </summary>
internal sealed class Gateway : IAsyncDisposable
{
    public const string Routes = "payments-routes";
    public const string Stable = "payments-v1";
    public const string Canary = "payments-v2";

    /// <summary>Long enough for anything short of a contract on a loaded machine with two cores.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    /// <summary>A second with its first requests: what is ordered before needs no more.</summary>
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    private Gateway(string directory, LabPorts ports)
    {
        Directory = directory;
        Ports = ports;
        StableUpstream = new UpstreamServer("v1", ports.Stable, new SeededRandomSource(1), TimeProvider.System);
        CanaryUpstream = new UpstreamServer("v2", ports.Canary, new SeededRandomSource(2), TimeProvider.System);
        Serve = new ServeProcess(directory);
        Admin = new AdminReader(ports.SelfHealAdmin);
    }

    /// <summary>Where configuration, state and logs are.</summary>
    public string Directory { get; }

    /// <summary>The files that SelfHeal serves.</summary>
    public string Resources => Path.Combine(Directory, SampleConfigs.Resources);

    public LabPorts Ports { get; }

    public UpstreamServer StableUpstream { get; }

    public UpstreamServer CanaryUpstream { get; }

    public ServeProcess Serve { get; }

    public AdminReader Admin { get; }

    /// <summary>The real Envoy; null when the data plane is the model.</summary>
    public EnvoyProcess? Envoy { get; private set; }

    /// <summary>The model; null when the data plane is a real Envoy.</summary>
    public ModelEnvoy? Model { get; private set; }

    public IDataPlane DataPlane => (IDataPlane?)Envoy ?? Model ?? throw new InvalidOperationException("not started");

    public LoadGenerator Load { get; private set; } = null!; // Set by StartAsync, the only way to get a gateway.

    /// <summary>Starts everything; requests are under way, and four healthy flushes have been read.</summary>
    public static async Task<Gateway> StartAsync(GatewayOptions options, CancellationToken cancellationToken)
    {
        var binary = options.Model ? "" : PeerRequirement.Needs(EnvoyBinary.Find(), "an Envoy (ENVOY_BIN or PATH)");
        var gateway = new Gateway(
            System.IO.Directory.CreateTempSubdirectory("selfheal-e2e-").FullName, LabPorts.Free());
        try
        {
            await gateway.StartAsync(options, binary, cancellationToken);
            return gateway;
        }
        catch
        {
            await gateway.DisposeAsync();
            throw;
        }
    }

    /// <summary>The canary fails 30 % of its requests from now on.</summary>
    public DateTimeOffset BreakCanary()
    {
        var onset = TimeProvider.System.GetUtcNow();
        CanaryUpstream.Faults.Set(FaultPlan.Failing(300));
        return onset;
    }

    /// <summary>Waits until so many more requests were answered, so that what happened had time to do harm.</summary>
    public async Task AnswersAsync(int more)
    {
        var before = Answered();
        try
        {
            await Eventually.HoldsAsync(() => Task.FromResult(Answered() >= before + more), "answers", Patience);
        }
        catch (TimeoutException)
        {
            Assert.Fail($"{more} answers were awaited since {before}; {Load.Snapshot()}; {DataPlane.Failure}");
        }

        long Answered() => Load.Snapshot().Versions.Sum(static version => version.Completed);
    }

    /// <summary>
    /// Waits until the route holds for Envoy what <paramref name="stable"/> and <paramref name="canary"/> say; returns
    /// how long that took.
    /// </summary>
    public async Task<TimeSpan> WeightsAsync(uint stable, uint canary, CancellationToken cancellationToken)
    {
        var start = Stopwatch.GetTimestamp();
        await Eventually.HoldsAsync(
            async () => await EnvoyRoutes.WeightsAsync(Envoy!, cancellationToken) is var weights
                && weights.GetValueOrDefault(Stable) == stable && weights.GetValueOrDefault(Canary) == canary,
            $"Envoy holds {stable} to {canary}",
            Patience);
        return Stopwatch.GetElapsedTime(start);
    }

    /// <summary>Asserts that nothing failed but what the canary was told to fail: Envoy answered no error itself.
    /// </summary>
    public void AssertOnlyCanaryFailed()
    {
        var load = Load.Snapshot();
        using (Assert.EnterMultipleScope())
        {
            Assert.That(load.TransportErrors, Is.Zero, "requests without an answer");
            Assert.That(load.Of("v1").Failed, Is.Zero, "failing answers of the stable version");
            Assert.That(load.Of("").Completed, Is.Zero, "answers that Envoy made itself");
        }
    }

    /// <summary>Asserts that the canary got nothing from one second after it lost its weight.</summary>
    public void AssertCanaryIdleSince(DateTimeOffset acknowledged)
    {
        using (Assert.EnterMultipleScope())
        {
            Assert.That(CanaryUpstream.Requests.CountAfter(acknowledged + Second), Is.Zero, "requests to the canary");
            Assert.That(Load.Failures.CountAfter(acknowledged + Second), Is.Zero, "failing responses");
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        // The load ends first, so that nothing fails because its target went away.
        if (Load is not null)
            await Load.DisposeAsync();
        if (Envoy is not null)
            await Envoy.DisposeAsync();
        if (Model is not null)
            await Model.DisposeAsync();
        await Serve.DisposeAsync();
        await StableUpstream.DisposeAsync();
        await CanaryUpstream.DisposeAsync();
        Admin.Dispose();
        if (TestContext.CurrentContext.Result.FailCount > 0)
            TestContext.Out.WriteLine($"log of selfheal serve:\n{Serve.ReadLog()}");
        System.IO.Directory.Delete(Directory, recursive: true);
    }

    private async Task StartAsync(GatewayOptions options, string binary, CancellationToken cancellationToken)
    {
        var demo = new DemoOptions { Flush = Second, ContractWindow = options.ContractWindow };
        SampleConfigs.Write(Directory, Ports, demo.Flush);
        options.Prepare(Directory);
        var config = DemoConfig.Render(
            demo, Ports, DemoConfig.FromFiles(Resources), Path.Combine(Directory, "state"));
        await File.WriteAllTextAsync(
            Serve.ConfigFile, $"{config}logging: {{format: json}}\n{options.Configuration}", cancellationToken);
        await StableUpstream.StartAsync(cancellationToken);
        await CanaryUpstream.StartAsync(cancellationToken);
        Serve.Start();
        await Serve.WaitReadyAsync(Admin.Address, cancellationToken);
        StartDataPlane(options, binary);
        await DataPlane.WaitReadyAsync(Patience, cancellationToken);
        Load = new LoadGenerator(DataPlane.Listener, new LoadOptions(), TimeProvider.System);
        Load.Start();

        // The first flush of a stream gives no delta; the others are the healthy blocks.
        await Admin.FlushesAsync(4, cancellationToken);
    }

    private void StartDataPlane(GatewayOptions options, string binary)
    {
        if (!options.Model)
        {
            var bootstrap = options.Delta ? "bootstrap-delta.yaml" : SampleConfigs.Bootstrap;
            Envoy = EnvoyProcess.Start(
                binary,
                Path.Combine(Directory, bootstrap),
                Ports,
                Path.Combine(Directory, "envoy.log"),
                TimeProvider.System);
            return;
        }

        Model = new ModelEnvoy(
            new ModelEnvoyOptions
            {
                AdsAddress = new UriBuilder("http", "127.0.0.1", Ports.Xds).Uri,
                FlushInterval = Second,
                Seed = 4,
            },
            TimeProvider.System);
        Model.Start();
    }
}
