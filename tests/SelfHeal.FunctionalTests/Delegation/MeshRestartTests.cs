using SelfHeal.Lab.Load;
using SelfHeal.Lab.Mesh;
using SelfHeal.Lab.Upstream;

namespace SelfHeal.FunctionalTests.Delegation;

/// <summary>The whole process dies between a real Envoy and a real Istiod, with an overlay in force and under load.
/// </summary>
[CancelAfter(240_000)]
internal sealed class MeshRestartTests
{
    private MeshProcess _mesh = null!; // Set before all tests.

    [OneTimeSetUp]
    public async Task StartAsync() => _mesh = await MeshPeer.StartAsync(CancellationToken.None);

    [OneTimeTearDown]
    public async Task StopAsync()
    {
        if (_mesh is not null)
            await _mesh.DisposeAsync();
    }

    [Test]
    public async Task Kill_RestartedWithinTheGrace_NothingFailsAndTheOverlayIsInForceThroughout(
        CancellationToken cancellationToken)
    {
        await using var incident = await MeshIncident.StartAsync(_mesh, checks: null, cancellationToken);
        await incident.AnswersAsync(100); // What was on its way to the canary has come back.
        var before = incident.Load.Snapshot();
        using var over = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var watching = WatchAsync(incident, over.Token);

        await incident.Serve.KillAsync(cancellationToken);
        await incident.AnswersAsync(200);
        incident.Serve.Start();
        await incident.Serve.WaitReadyAsync(incident.Admin.Address, cancellationToken);
        await incident.SyncedAsync(cancellationToken);
        await incident.Admin.EventAsync("resolved", cancellationToken);
        await over.CancelAsync();

        var types = (await incident.Admin.EntriesAsync(cancellationToken))
            .Select(static entry => (entry.GetProperty("type").GetString() ?? "").ToLowerInvariant());
        using (Assert.EnterMultipleScope())
        {
            Assert.That(await watching, Is.All.EqualTo((100u, 0u)), "weights in Envoy, read all the time");
            Assert.That(types, Is.EqualTo((string[])["decision", "executed", "resumed", "resolved"]));
        }

        AssertNothingFailedSince(before, incident.Load.Snapshot());
    }

    [Test]
    public async Task Kill_NotRestarted_IstiodTakesOverAndTheOverlayIsBackWithUs(CancellationToken cancellationToken)
    {
        await using var incident = await MeshIncident.StartAsync(_mesh, checks: 3, cancellationToken);
        await incident.Admin.EventAsync("resolved", cancellationToken);
        incident.CanaryUpstream.Faults.Set(FaultPlan.Healthy);
        await incident.AnswersAsync(100);
        var before = incident.Load.Snapshot();

        await incident.Serve.KillAsync(cancellationToken);
        var start = TimeProvider.System.GetTimestamp();
        await using (var another = incident.StartAnother())
        {
            await another.WaitReadyAsync(MeshGateway.Patience, cancellationToken);
            await MeshIncident.HoldsAsync(another, 90, 10, cancellationToken);
            Tell("a new Envoy is ready through Istiod");
        }

        await MeshIncident.HoldsAsync(incident.Envoy, 90, 10, cancellationToken);
        Tell("the old one is with Istiod");
        await incident.AnswersAsync(200);
        incident.Serve.Start();
        await incident.Serve.WaitReadyAsync(incident.Admin.Address, cancellationToken);
        start = TimeProvider.System.GetTimestamp();
        await MeshIncident.HoldsAsync(incident.Envoy, 100, 0, cancellationToken);
        Tell("it is back, under the overlay");

        Assert.That(
            await incident.Admin.MetricAsync("selfheal_delegate_returns_total", cancellationToken),
            Is.GreaterThanOrEqualTo(1));
        AssertNothingFailedSince(before, incident.Load.Snapshot());

        void Tell(string what) => TestContext.Out.WriteLine(
            $"{what}: {TimeProvider.System.GetElapsedTime(start).TotalSeconds:0.0} s");
    }

    private static void AssertNothingFailedSince(LoadSnapshot before, LoadSnapshot after)
    {
        using (Assert.EnterMultipleScope())
        {
            Assert.That(after.TransportErrors, Is.EqualTo(before.TransportErrors), "requests without an answer");
            Assert.That(
                after.Versions.Sum(static version => version.Failed),
                Is.EqualTo(before.Versions.Sum(static version => version.Failed)),
                "failing answers");
        }
    }

    private static async Task<List<(uint Stable, uint Canary)?>> WatchAsync(
        MeshIncident incident, CancellationToken cancellationToken)
    {
        var seen = new List<(uint Stable, uint Canary)?>();
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(100));
        try
        {
            while (await timer.WaitForNextTickAsync(cancellationToken))
                seen.Add(await MeshGateway.WeightsAsync(incident.Envoy, cancellationToken));
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The test has seen enough.
        }

        return seen;
    }
}
