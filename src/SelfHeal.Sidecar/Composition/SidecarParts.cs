using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Diagnostics.Metrics;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Envoy.Service.Accesslog.V3;
using Envoy.Service.Discovery.V3;
using Envoy.Service.LoadStats.V3;
using Envoy.Service.Metrics.V3;
using Envoy.Service.Status.V3;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using SelfHeal.Core.Control;
using SelfHeal.Core.Records;
using SelfHeal.Core.Series;
using SelfHeal.Core.Time;
using SelfHeal.Grpc;
using SelfHeal.Ledger;
using SelfHeal.Sidecar.Accepted;
using SelfHeal.Sidecar.Admin;
using SelfHeal.Sidecar.Baselines;
using SelfHeal.Sidecar.Config;
using SelfHeal.Sidecar.Config.Loading;
using SelfHeal.Sidecar.Demo;
using SelfHeal.Sidecar.Hosting;
using SelfHeal.Sidecar.Judgement;
using SelfHeal.Sidecar.Overlays;
using SelfHeal.Sidecar.Recording;
using SelfHeal.Sidecar.Security;
using SelfHeal.Sidecar.Traffic;
using SelfHeal.Sidecar.Xds;
using SelfHeal.Sidecar.Xds.Proxies;
using SelfHeal.Sidecar.Xds.Rest;
using SelfHeal.Xds.Resources;
using SelfHeal.Xds.Stats;

namespace SelfHeal.Sidecar.Composition;

/// <summary>The parts of the executable: what every mode has, and what serves Envoy's configuration in its own.
/// </summary>
internal static class SidecarParts
{
    private const string LedgerFile = "ledger.db";

    /// <summary>All parts.</summary>
    public static ApplicationParts Create() => new(ComposeAsync, CheckResources, [DemoCommandLine.Create]);

    private static async Task<HostComposition> ComposeAsync(
        SelfHealOptions options, TimeProvider time, CancellationToken cancellationToken)
    {
        var identity = ProcessIdentity.Create(time);
        var clock = new ControlClock(time);
        var restored = await RestoreAsync(options, identity, clock, time, cancellationToken);
        return new HostComposition(services => Register(services, options, identity, clock, restored), MapGrpc)
        {
            MapRest = options.Mode == OperatingMode.Standalone
                ? static endpoints => endpoints.ServiceProvider.GetRequiredService<RestDiscovery>().Map(endpoints)
                : static _ => { },
        };
    }

    /// <summary>The ledger comes first: nothing is served before it has said which changes are in force.</summary>
    private static async Task<Restored> RestoreAsync(
        SelfHealOptions options,
        ProcessIdentity identity,
        ControlClock clock,
        TimeProvider time,
        CancellationToken cancellationToken)
    {
        var store = SqliteLedgerStore.Open(time, Path.Combine(options.State.Directory, LedgerFile));
        try
        {
            // What is served first comes from here, so every hash is derived again before any of it is believed.
            if (await LedgerVerifier.VerifyAsync(store, cancellationToken) is LedgerVerdict.Broken broken)
            {
                throw new FormatException(
                    $"the ledger is damaged at entry {broken.Sequence}: {broken.Part} is {broken.Found}, "
                    + $"expected {broken.Expected}");
            }

            var records = new List<LedgerRecord>();
            await foreach (var entry in store.ReadAsync(1, cancellationToken))
                records.Add(RecordJson.Read(entry.Payload.Span));
            var (told, now) = (CoreOptions.Of(options, identity), clock.Now);
            var loop = new ControlLoop(told, records, now);
            return new Restored(store, records, loop) { Options = told, StartedAt = now };
        }
        catch
        {
            await store.DisposeAsync();
            throw;
        }
    }

    private static void Register(
        IServiceCollection services,
        SelfHealOptions options,
        ProcessIdentity identity,
        ControlClock clock,
        Restored restored)
    {
        services.AddSingleton(options.Xds);
        services.AddSingleton(options.Detection);
        services.AddSingleton(options.State);
        services.AddSingleton(options.Loads);
        services.AddSingleton(identity);
        services.AddSingleton(clock);
        services.AddSingleton(_ => restored); // A factory, so that the container closes the ledger.

        // One kept and one waiting batch for each stream: a fleet that flushes in the same instant loses nothing and
        // allocates nothing. Only those that were ever in use at once are made, 64 kB each for 12,000 series.
        var batches = Math.Max(ControlInbox.BatchLimitMin, options.Xds.MaxStreams);
        services.AddSingleton(new FlushBatchPool(batches));
        services.AddSingleton(new SeriesDirectory());
        services.AddSingleton(p => new ControlInbox(
            p.GetRequiredService<FlushBatchPool>(), p.GetRequiredService<IMeterFactory>(), batches));
        services.AddSingleton<IStateFiles, DiskStateFiles>();
        services.AddSingleton<AcceptedStore>();
        services.AddSingleton<ServedBoard>();
        services.AddSingleton<ProxyRegistry>();
        services.AddSingleton(p => new StreamAdmission(
            options.Xds,
            p.GetRequiredService<AccessMeter>(),
            new SeededRandomSource(StreamSeed(identity)),
            p.GetRequiredService<ILogger<StreamAdmission>>()));
        services.AddSingleton<ClientStatusService>();
        services.AddSingleton<IProxyBoard, ProxyBoard>();
        services.AddSingleton<StatsService>();
        services.AddSingleton<LoadService>();
        services.AddSingleton<AccessLogService>();
        services.AddSingleton<IncidentBoard>();
        services.AddSingleton<IIncidentBoard>(static p => p.GetRequiredService<IncidentBoard>());
        services.AddSingleton<IGatewayBoard, GatewayBoard>();
        services.AddSingleton<ControlQueries>();
        services.AddSingleton<ITrafficBoard, TrafficBoard>();
        services.AddSingleton<TelemetryMeter>();
        services.AddSingleton<TrafficMeter>();
        services.AddSingleton<GrpcHealth>();
        services.AddSingleton(options.Recording);
        services.AddSingleton<StepRecorder>();
        services.AddSingleton<IOverlays, OverlayService>();
        services.AddSingleton<BaselineService>();
        services.AddSingleton<ControlLoopService>();
        // Before the control loop, and so ended after it: its first step and its last are recorded.
        services.AddHostedService<RecordingService>();
        if (options.Mode == OperatingMode.Delegate)
            DelegateServices.Register(services, options, StreamSeed(identity));
        else
            StandaloneServices.Register(services, options);
        services.AddHostedService(static p => p.GetRequiredService<BaselineService>());
        services.AddHostedService(static p => p.GetRequiredService<ControlLoopService>());
        services.AddHostedService<DriftService>();
        services.AddHostedService<ReadinessHealth>();
    }

    private static void MapGrpc(IEndpointRouteBuilder endpoints)
    {
        var provider = endpoints.ServiceProvider;
        // Nobody asks for them, and their instruments are there only when they were made.
        provider.GetRequiredService<TelemetryMeter>();
        provider.GetRequiredService<TrafficMeter>();
        var isDelegate = provider.GetRequiredService<SelfHealOptions>().Mode == OperatingMode.Delegate;
        var status = provider.GetRequiredService<ClientStatusService>().Create();
        GrpcService[] discovery =
            [.. isDelegate ? DelegateServices.Discovery(provider) : StandaloneServices.Discovery(provider), status];
        var stats = provider.GetRequiredService<StatsService>().Create();
        var loads = provider.GetRequiredService<LoadService>().Create();
        GrpcService[] logs = provider.GetRequiredService<SelfHealOptions>().AccessLogs.Enabled
            ? [provider.GetRequiredService<AccessLogService>().Create()]
            : [];
        var reflection = new GrpcReflection(
            [.. discovery.Select(static s => s.Name), stats.Name, loads.Name, .. logs.Select(static l => l.Name)],
            [
                AdsReflection.Descriptor,
                .. (isDelegate ? [TypedService.Runtime] : TypedService.All).Select(static s => s.File),
                CsdsReflection.Descriptor,
                MetricsServiceReflection.Descriptor,
                LrsReflection.Descriptor,
                AlsReflection.Descriptor,
            ]);
        var health = provider.GetRequiredService<GrpcHealth>().CreateService();
        endpoints.MapGrpc([.. discovery, stats, loads, .. logs, health, .. reflection.CreateServices()]);
    }

    /// <summary>Replicas that start together must not end their streams together.</summary>
    private static ulong StreamSeed(ProcessIdentity identity) =>
        BinaryPrimitives.ReadUInt64LittleEndian(SHA256.HashData(Encoding.UTF8.GetBytes(identity.Id)));

    private static ResourceCheck CheckResources(string directory, ImmutableArray<string> sets)
    {
        ResourceReading reading;
        try
        {
            reading = new ResourceDirectory(directory, new DescriptorSets(sets)).Read();
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return new ResourceCheck("", [new ConfigFinding(directory, 0, 0, "", $"cannot be read: {error.Message}")]);
        }

        var summary = string.Create(CultureInfo.InvariantCulture, $"{reading.Files} resource files");
        if (reading.Types.FileCount > 0)
        {
            summary += string.Create(CultureInfo.InvariantCulture, $", {reading.Types.TypeCount} types of "
                + $"{reading.Types.FileCount} proto files in {sets.Length} descriptor sets");
        }

        return new ResourceCheck(summary, [.. reading.Errors.Select(Finding)])
        {
            Warnings = [.. reading.Warnings.Select(Finding)],
        };

        static ConfigFinding Finding(ResourceError e) => new(e.File, e.Line, e.Column, e.Field, e.Message);
    }
}
