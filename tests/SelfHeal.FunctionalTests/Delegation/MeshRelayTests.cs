using Google.Protobuf;
using SelfHeal.FunctionalTests.Lab;
using SelfHeal.Lab.Mesh;
using SelfHeal.Xds.Resources;

namespace SelfHeal.FunctionalTests.Delegation;

/// <summary>The relay between a real Envoy and a real Istiod.</summary>
[CancelAfter(240_000)]
internal sealed class MeshRelayTests
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
    public async Task Session_OfARealEnvoy_EveryAnyIsIstiods([Values] bool delta, CancellationToken cancellationToken)
    {
        await using var gateway = await MeshGateway.StartAsync(_mesh, delta, cancellationToken);

        var taken = gateway.Taken.Passed.ToHashSet();
        var given = gateway.Given.Passed.Where(static each => each.Type != TypeUrl.Runtime).ToHashSet();

        using (Assert.EnterMultipleScope())
        {
            Assert.That(given, Is.EquivalentTo(taken));
            Assert.That(
                given.Select(static each => each.Type).Distinct(StringComparer.Ordinal),
                Is.EquivalentTo(new[]
                {
                    TypeUrl.Cluster, TypeUrl.ClusterLoadAssignment, TypeUrl.Listener, TypeUrl.RouteConfiguration,
                }));
            Assert.That(await gateway.StatAsync("runtime.update_success", cancellationToken), Is.EqualTo(1));
            Assert.That(await gateway.StatAsync("cluster_manager.cds.update_rejected", cancellationToken), Is.Zero);
        }
    }

    [Test]
    public async Task Istiod_KilledAndRestarted_EnvoyIsSentTheDifferencesOnly(
        [Values] bool delta, CancellationToken cancellationToken)
    {
        await using var gateway = await MeshGateway.StartAsync(_mesh, delta, cancellationToken);
        const string other = "outbound|9081||other.default.svc.cluster.local";
        await ClusterAsync(gateway, other, isThere: true, cancellationToken);
        var passed = gateway.Given.Passed.Count;
        // Of each resource the newest: what comes back to an older content has changed too.
        var held = gateway.Given.Passed.GroupBy(static each => (each.Type, NameOf(each.Any)))
            .Select(static group => group.Last()).ToHashSet();

        await _mesh.RunAsync("kill", "istiod", cancellationToken);
        await _mesh.ApplyAsync(MeshFiles.Other(9082), cancellationToken);
        await _mesh.RunAsync("start", "istiod", cancellationToken);
        await ClusterAsync(gateway, other, isThere: false, cancellationToken);
        await ClusterAsync(gateway, "outbound|9082||other.default.svc.cluster.local", isThere: true, cancellationToken);

        var sent = gateway.Given.Passed.Skip(passed).ToList();
        using (Assert.EnterMultipleScope())
        {
            Assert.That(gateway.Given.Opened, Is.EqualTo(1), "the Envoy's stream is the one from before");
            Assert.That(gateway.Taken.Opened, Is.GreaterThan(1));
            Assert.That(await gateway.StatAsync("control_plane.connected_state", cancellationToken), Is.EqualTo(1));
            // A whole set of clusters says in the state-of-the-world variant which is gone.
            Assert.That(
                sent.Where(each => delta || each.Type != TypeUrl.Cluster).Where(held.Contains),
                Is.Empty,
                "what has not changed is not sent again");
        }

        await _mesh.ApplyAsync(MeshFiles.Other(9081), cancellationToken);
    }

    [Test]
    public async Task VirtualService_ChangedByAHumanUnderOurOverlay_TheirsWins(
        [Values] bool delta, CancellationToken cancellationToken)
    {
        await using var gateway = await MeshGateway.StartAsync(_mesh, delta, cancellationToken);
        var overlay = await gateway.AllToStableAsync(cancellationToken);
        var laid = await gateway.Relay.Overlays.LayAsync(overlay, cancellationToken);
        Assert.That(laid.Problem, Is.Empty);
        await gateway.WeightsAsync(100, 0, cancellationToken);

        await _mesh.ApplyAsync(IstioSplit.VirtualService(70, 30), cancellationToken);

        await gateway.WeightsAsync(70, 30, cancellationToken);
        await Eventually.HoldsAsync(
            () => gateway.Relay.Overlays.Entries.Single().Problem.Contains("the source wins", StringComparison.Ordinal),
            "the overlay has stood down");
        Assert.That(gateway.Given.Passed[^1], Is.EqualTo(gateway.Taken.Passed[^1]), "byte for byte");
    }

    private static string NameOf(ByteString any) =>
        XdsResource.FromAny("?", any.Memory)?.Decode() is { } message ? XdsResource.FromMessage(message).Name : "";

    private static Task ClusterAsync(
        MeshGateway gateway, string name, bool isThere, CancellationToken cancellationToken) => Eventually.HoldsAsync(
        async () => isThere == (await gateway.Envoy.AdminAsync("/clusters", cancellationToken))
            .Contains($"{name}::", StringComparison.Ordinal),
        $"Envoy {(isThere ? "has" : "has lost")} {name}",
        MeshGateway.Patience);
}
