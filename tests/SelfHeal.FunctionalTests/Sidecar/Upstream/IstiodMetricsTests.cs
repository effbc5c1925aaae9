using System.Diagnostics.Metrics;
using System.Globalization;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using SelfHeal.Core.Control;
using SelfHeal.Core.Series;
using SelfHeal.Core.Upstream;
using SelfHeal.FunctionalTests.Delegation;
using SelfHeal.FunctionalTests.Lab;
using SelfHeal.FunctionalTests.Lab.Processes;
using SelfHeal.Lab.Mesh;
using SelfHeal.Lab.Processes;
using SelfHeal.Sidecar.Config;
using SelfHeal.Sidecar.Judgement;
using SelfHeal.Sidecar.Upstream;

namespace SelfHeal.FunctionalTests.Sidecar.Upstream;

/// <summary>What a real Istiod says of itself while a real Envoy takes its configuration.</summary>
[CancelAfter(180_000)]
internal sealed class IstiodMetricsTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    /// <summary>A cluster that Istiod passes on as it is and Envoy does not accept.</summary>
    private const string RejectedCluster = """
        apiVersion: networking.istio.io/v1alpha3
        kind: EnvoyFilter
        metadata: { name: rejected, namespace: default }
        spec:
          configPatches:
          - applyTo: CLUSTER
            match: { context: GATEWAY }
            patch: { operation: ADD, value: { name: rejected, type: STRICT_DNS, connect_timeout: -1s } }
        """;

    private readonly List<UpstreamReport> _reports = [];

    [Test]
    public async Task Read_OfARealIstiod_TellsOfPushesRejectsAndItsRestart(CancellationToken cancellationToken)
    {
        var binary = PeerRequirement.Needs(EnvoyBinary.Find(), "an Envoy (ENVOY_BIN or PATH)");
        await using var mesh = await MeshPeer.StartAsync(cancellationToken);
        var directory = Directory.CreateTempSubdirectory("sh-istiod-");
        var ports = LabPorts.Free();
        var bootstrap = Path.Combine(directory.FullName, "bootstrap.yaml");
        var adsPort = int.Parse(mesh.XdsPort, CultureInfo.InvariantCulture);
        await File.WriteAllTextAsync(
            bootstrap, MeshBootstrap.Render(ports.EnvoyAdmin, adsPort, isDelta: false), cancellationToken);
        using var logs = new LogCollector();
        await using var services = new ServiceCollection()
            .AddMetrics().AddLogging(builder => builder.AddProvider(logs)).BuildServiceProvider();
        var meters = services.GetRequiredService<IMeterFactory>();
        var inbox = new ControlInbox(new FlushBatchPool(), meters);
        using var service = new UpstreamMetricsService(
            TimeProvider.System,
            new UpstreamMetricsOptions { Address = mesh.Metrics, Interval = TimeSpan.FromSeconds(1) },
            inbox,
            meters,
            services.GetRequiredService<ILogger<UpstreamMetricsService>>());
        await service.StartAsync(cancellationToken);
        await ReportsAsync(inbox, static r => r.Answer == UpstreamAnswer.Read, "Istiod is read");

        await using (var envoy = EnvoyProcess.Start(
            binary, bootstrap, ports, Path.Combine(directory.FullName, "envoy.log"), TimeProvider.System))
        {
            await ReportsAsync(inbox, static r => r.ConnectedProxies == 1, "Envoy is connected");
            await ReportsAsync(inbox, static r => r.Pushes > 0, "it was sent its configuration", all: true);
            await mesh.ApplyAsync(RejectedCluster, cancellationToken);
            await ReportsAsync(
                inbox, static r => r.Rejects.Any(static c => c is { Type: "cds", Rejects: > 0 }), "it said no");
            await ReportsAsync(
                inbox, static r => r is { Converged: > 0, ConvergenceP99Millis: > 0 }, "it converged", all: true);
        }

        Assert.That(_reports.Where(static r => r.PushErrors + r.InternalErrors + r.Timeouts > 0), Is.Empty);
        await mesh.RunAsync("kill", "istiod", cancellationToken);
        await ReportsAsync(inbox, static r => r.Answer == UpstreamAnswer.Unreachable, "Istiod is gone");
        await mesh.RunAsync("start", "istiod", cancellationToken);
        await ReportsAsync(inbox, static r => r is { Answer: UpstreamAnswer.Read, SpanMillis: 0 }, "it begins anew");
        await service.StopAsync(cancellationToken);
        directory.Delete(recursive: true);
    }

    /// <summary>Waits for a report; earlier ones count where the test does not say when it must come.</summary>
    private async Task ReportsAsync(
        ControlInbox inbox, Func<UpstreamReport, bool> isWanted, string what, bool all = false)
    {
        var from = all ? 0 : _reports.Count;
        await Eventually.HoldsAsync(
            () =>
            {
                var taken = new List<ControlEvent>();
                inbox.Drain(taken);
                _reports.AddRange(taken.Cast<ControlEvent.UpstreamReported>().Select(static r => r.Report));
                return Task.FromResult(_reports.Skip(from).Any(isWanted));
            },
            what,
            Patience);
    }
}
